#!/bin/sh
# npm run test:ceph [-- SUITE... TAP-OPTION...]: SUITE is bullseye, bookworm, trixie, forky (the Ceph of that Debian) or
# history (the calls of old releases of Kubernetes); all without one.
set -eu
cd "$(dirname "$0")/../.."

suites='' releases=''
for word in "$@"; do
  shift
  case $word in
    history) suites="$suites dist/test/cluster/mount/history.suite.js" ;;
    bullseye | bookworm | trixie | forky)
      suites="$suites dist/test/ceph/$word.suite.js" releases="$releases $word"
      ;;
    *) set -- "$@" "$word" ;;
  esac
done
if [ -z "$suites" ]; then
  releases='bullseye bookworm trixie forky'
  suites='dist/test/ceph/*.suite.js dist/test/cluster/mount/history.suite.js'
fi
# fetched here: it may take minutes, which must not count against the time limit of a test
# shellcheck disable=SC2086 # lists of words
sh test/lab/ceph/root.sh $releases >/dev/null
# shellcheck disable=SC2086 # lists of words, and a pattern
exec npx tap --disable-coverage --allow-empty-coverage --timeout=900 "$@" $suites
