#!/bin/sh
# npm run build: builds dist, unless it is newer than all its sources. So suites can run in parallel.
set -eu
cd "$(dirname "$0")/.."

made=dist/.made
mkdir -p dist
# one build at a time: it removes the old files first
exec 9>dist/.build-lock
flock 9
# results are data, which suites may write while others run
if [ -e $made ] && [ -z "$(find bin src test package.json package-lock.json tsconfig.json -name results -prune \
  -o -newer $made -print -quit)" ]; then
  exit 0
fi
# all but the packages, which have their own check for changed sources (test/lab/packaged.sh)
find dist -mindepth 1 -maxdepth 1 ! -name pkg ! -name '.pkg-*' ! -name .build-lock -exec rm -rf {} +
# before the compiler runs, so that a change meanwhile is not missed
touch $made.new
npx tsc 9>&-
chmod +x dist/bin/cephflex.js dist/test/lab/checkout/cephflex.js
node dist/test/lab/checkout/libraries.js 9>&-
mv $made.new $made
