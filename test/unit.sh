#!/bin/sh
# npm run test:unit [-- OPTION...]: the tests that need neither root nor a Debian package nor a cluster. OPTIONs are those
# of node --test. Left out are the folders and files that need more as a whole; within the others, a test that needs more
# skips itself (test/support/needs.ts). Node's own runner takes half of tap's time: tap follows the processes of each test.
set -eu
cd "$(dirname "$0")/.."

sh bin/build.sh
find dist/test -name '*.test.js' ! -path 'dist/test/cluster/*' ! -path 'dist/test/install/*' \
  ! -path dist/test/docs/pages.test.js ! -path dist/test/docs/run-readme.test.js \
  -exec node --test --test-reporter=spec --test-concurrency="$(getconf _NPROCESSORS_ONLN)" "$@" {} +
