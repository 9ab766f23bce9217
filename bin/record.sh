#!/bin/sh
# `npm run record`: runs every suite that records results, then writes the tables of the pages.
set -eu
cd "$(dirname "$0")/.."

# Scripts of package.json. test:soak comes after test:reliability, which runs a short form of it.
SUITES='test:unit test:package test:ceph test:kube test:reliability test:soak test:vm'
export CEPHFLEX_RECORD=1
for suite in $SUITES; do npm run --silent "$suite"; done
unset CEPHFLEX_RECORD
npm run docs
