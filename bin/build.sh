#!/bin/sh
# npm run build: makes dist, unless it is newer than everything that it is made of; then suites may run beside each other.
set -eu
cd "$(dirname "$0")/.."

made=dist/.made
if [ -e $made ] && [ -z "$(find bin src test package.json package-lock.json tsconfig.json -newer $made -print -quit)" ]; then
  exit 0
fi
# what is packaged from it is old as well
rm -rf dist
mkdir dist
# before, so that a change meanwhile is not missed
touch $made.new
npx tsc
chmod +x dist/bin/cephflex.js
mv $made.new $made
