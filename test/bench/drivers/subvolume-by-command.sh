#!/bin/sh
# One subvolume, a process for each command:  SHARE USER BYTES NAMESPACE. Its group exists.
set -eu
ceph fs subvolume create cephfs "$1" --group_name scripts --size "$3" --namespace-isolated
path=$(ceph fs subvolume getpath cephfs "$1" --group_name scripts)
ceph auth get-or-create "client.$2" mds "allow rw fsname=cephfs path=\"$path\"" mon 'allow r' \
  osd "allow rw pool=data namespace=$4" >/dev/null
