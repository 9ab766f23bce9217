#!/bin/sh
# `npm run record`: runs every suite that records what it has proven, then writes the tables of the pages.
set -eu
cd "$(dirname "$0")/.."

# each is a script of package.json; one that records nothing leaves its result file as it was
# test:soak after test:reliability, which has a short form of it
SUITES='test:unit test:ceph test:kube test:reliability test:soak test:vm'
export CEPHFLEX_RECORD=1
for suite in $SUITES; do npm run --silent "$suite"; done
unset CEPHFLEX_RECORD
npm run docs
