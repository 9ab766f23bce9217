#!/bin/sh
# npm run test:reliability [-- SUITE... TAP-OPTION...]: SUITE is the name of a file here, such as "kill"; all without one.
# Tests the packaged binary with Bun, which most nodes have: it starts as on a node, and is not slowed down by the module
# that tap loads into Node. kill-node and hang-node are for the binary with Node.js: its system calls, its children and its
# timers are others. CEPHFLEX_DRIVER=FILE tests another binary.
set -eu
cd "$(dirname "$0")/../.."

sh test/lab/packaged.sh binaries
suites=''
for word in "$@"; do
  shift
  file=dist/test/reliability/$word.suite.js
  if [ -e "$file" ]; then suites="$suites $file"; else set -- "$@" "$word"; fi
done
export CEPHFLEX_DRIVER="${CEPHFLEX_DRIVER:-$PWD/dist/pkg/cephflex-linux-$(node -p process.arch)-bun}"
# shellcheck disable=SC2086 # names without spaces. One after the other: they measure time and count processes
exec npx tap --disable-coverage --allow-empty-coverage --jobs=1 --timeout=1200 "$@" ${suites:-dist/test/reliability/*.suite.js}
