#!/bin/sh
# npm run build: makes dist, unless it is newer than everything that it is made of; then suites may run beside each other.
set -eu
cd "$(dirname "$0")/.."

made=dist/.made
mkdir -p dist
# one at a time: it removes what it makes anew
exec 9>dist/.build-lock
flock 9
# results are data, which suites that record write while others run
if [ -e $made ] && [ -z "$(find bin src test package.json package-lock.json tsconfig.json -name results -prune \
  -o -newer $made -print -quit)" ]; then
  exit 0
fi
# all but the packages, which have a look of their own at what they are made of (test/lab/packaged.sh)
find dist -mindepth 1 -maxdepth 1 ! -name pkg ! -name '.pkg-*' ! -name .build-lock -exec rm -rf {} +
# before, so that a change meanwhile is not missed
touch $made.new
npx tsc 9>&-
chmod +x dist/bin/cephflex.js
mv $made.new $made
