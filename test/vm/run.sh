#!/bin/sh
# npm run test:vm [-- SUITE... TAP-OPTION...]: SUITE is the name of a file here, such as "arm64-6.1"; all without one.
# CEPHFLEX_PACKAGES=DIR: tests the binaries of another folder.
set -eu
cd "$(dirname "$0")/../.."

if [ -n "${CEPHFLEX_PACKAGES-}" ]; then npm run --silent build; else sh test/lab/packaged.sh binaries; fi
suites=''
for word in "$@"; do
  shift
  file=dist/test/vm/$word.suite.js
  if [ -e "$file" ]; then suites="$suites $file"; else set -- "$@" "$word"; fi
done
# made here: its minutes do not count against the time limit of a test
sh test/lab/vm/image.sh bookworm amd64 >/dev/null
sh test/lab/vm/image.sh bookworm arm64 >/dev/null
sh test/lab/vm/image.sh trixie amd64 >/dev/null
sh test/lab/vm/image.sh trixie arm64 16k >/dev/null
# shellcheck disable=SC2086 # names without spaces. A VM has one processor; each wait has its own limit
exec npx tap --disable-coverage --allow-empty-coverage --jobs=2 --timeout=2400 "$@" ${suites:-dist/test/vm/*.suite.js}
