#!/bin/sh
# npm run test:unit [-- OPTION...]: the tests that need no root, Debian package or cluster. OPTIONs are those of
# node --test. Folders and files that need more are left out; in the others, a test that needs more skips itself
# (test/support/needs.ts). Node's own runner takes half the time of tap, which traces the processes of each test.
set -eu
cd "$(dirname "$0")/.."

sh bin/build.sh
find dist/test -name '*.test.js' ! -path 'dist/test/cluster/*' ! -path 'dist/test/install/*' \
  ! -path dist/test/core.test.js ! -path dist/test/docs/pages.test.js ! -path dist/test/docs/run-readme.test.js \
  -exec node --test --test-reporter=spec --test-concurrency="$(getconf _NPROCESSORS_ONLN)" "$@" {} +
