#!/bin/sh
# npm run test:reliability [-- SUITE... TAP-OPTION...]: SUITE is the name of a file here, such as "kill"; all without one.
# Tests the packaged binary: it starts as on a node, and is not slowed down by the module that tap loads into Node.
set -eu
cd "$(dirname "$0")/../.."

sh test/lab/packaged.sh binaries
suites=''
for word in "$@"; do
  shift
  file=dist/test/reliability/$word.suite.js
  if [ -e "$file" ]; then suites="$suites $file"; else set -- "$@" "$word"; fi
done
CEPHFLEX_DRIVER=$PWD/dist/pkg/cephflex-linux-$(node -p process.arch)
export CEPHFLEX_DRIVER
# shellcheck disable=SC2086 # names without spaces. One after the other: they measure time and count processes
exec npx tap --disable-coverage --allow-empty-coverage --jobs=1 --timeout=1200 "$@" ${suites:-dist/test/reliability/*.suite.js}
