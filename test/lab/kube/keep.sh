#!/bin/bash
# keep.sh DIR: holds the machine for one test cluster in DIR. Says "ready" when it is this one's turn, waits for the end
# of its input (the end of the test, however it ends), stops the cluster and lets the next one in.
set -euo pipefail
dir=${1:?} lock=${CEPHFLEX_KUBE_LOCK:-/tmp/cephflex-kube.lock} patience=900
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stop() { bash "$here/cluster.sh" stop "$1" 9>&- </dev/null; }

exec 9>>"$lock"
if ! flock -n 9; then
  echo "waiting for another test cluster on this machine, in $(cat "$lock")" >&2
  flock -w $patience 9 || {
    echo "test/lab/kube/keep.sh: the cluster in $(cat "$lock") still has the machine after $patience s: end its test" >&2
    exit 1
  }
fi
left=$(cat "$lock")
# also what a cluster has left whose directory is gone
stop "${left:-$dir}"
echo "$dir" >"$lock"
echo ready
cat >/dev/null
stop "$dir"
: >"$lock"
