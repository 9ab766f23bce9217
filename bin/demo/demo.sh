#!/bin/sh
# Runs the demo. Installs the packages and dependencies and builds the program first, if they are missing or outdated.
set -eu
cd "$(dirname "$0")/../.."

sh bin/setup.sh demo
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ -n "$(find package-lock.json -newer "$installed")" ]; then
  echo 'demo: installing npm packages (npm ci)' >&2
  npm ci --silent --no-progress
fi
sh bin/build.sh
exec node dist/bin/demo/main.js
