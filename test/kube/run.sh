#!/bin/sh
# npm run test:kube [-- SUITE... TAP-OPTION...]: SUITE is the name of a file here, such as "volumes"; all without one.
set -eu
cd "$(dirname "$0")/../.."

sh test/lab/packaged.sh binaries image
# built here: its progress is visible, and its minutes do not count against the time limit of a test
bash test/lab/kube/build.sh >/dev/null
bash test/lab/kube/client-image.sh >/dev/null

suites=''
for word in "$@"; do
  shift
  file=dist/test/kube/$word.suite.js
  if [ -e "$file" ]; then suites="$suites $file"; else set -- "$@" "$word"; fi
done
# shellcheck disable=SC2086 # names without spaces. One cluster at a time; each wait in the suites has its own limit
exec npx tap --disable-coverage --allow-empty-coverage --jobs=1 --timeout=900 "$@" ${suites:-dist/test/kube/*.suite.js}
