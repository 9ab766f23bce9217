#!/bin/sh
# The same in a mount that stays:  SHARE USER BYTES NAMESPACE. MOUNTED is the root of the file system.
set -eu
path=/volumes/scripts/$1
mkdir -p "$MOUNTED$path"
setfattr -n ceph.quota.max_bytes -v "$3" "$MOUNTED$path"
setfattr -n ceph.dir.layout.pool_namespace -v "$4" "$MOUNTED$path"
ceph auth get-or-create "client.$2" mds "allow rw fsname=cephfs path=\"$path\"" mon 'allow r' \
  osd "allow rw pool=data namespace=$4" >/dev/null
