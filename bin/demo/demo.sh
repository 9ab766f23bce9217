#!/bin/sh
# The demo from nothing: packages, dependencies and build as far as they are missing or stale.
set -eu
cd "$(dirname "$0")/../.."

sh bin/setup.sh demo
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ -n "$(find package-lock.json -newer "$installed")" ]; then
  echo 'demo: npm ci' >&2
  npm ci --silent --no-progress
fi
sh bin/build.sh
exec node dist/bin/demo/main.js
