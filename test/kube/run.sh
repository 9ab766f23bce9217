#!/bin/sh
# npm run test:kube [-- SUITE... TAP-OPTION...]: SUITE is the name of a file here, such as "volumes"; all without one.
# The binaries and the image of dist/pkg are made again only if something that they are made of is newer.
set -eu
cd "$(dirname "$0")/../.."

image=$(find dist/pkg -name '*-oci.tar' 2>/dev/null || true)
if [ -z "$image" ] || [ "$(find src bin install.sh package.json package-lock.json -newer "$image" -print -quit)" ]; then
  npm run --silent package -- binaries image
else
  npx tsc
fi
# here, since its progress is worth seeing and its minutes do not count for a test
bash test/kube/build.sh >/dev/null

suites=''
for word in "$@"; do
  shift
  file=dist/test/kube/$word.suite.js
  if [ -e "$file" ]; then suites="$suites $file"; else set -- "$@" "$word"; fi
done
# shellcheck disable=SC2086 # names without spaces. One cluster at a time; each wait in the suites has its own limit
exec npx tap --disable-coverage --allow-empty-coverage --jobs=1 --timeout=900 "$@" ${suites:-dist/test/kube/*.suite.js}
