#!/bin/sh
# One volume, a process for each command:  SHARE USER BYTES NAMESPACE. CEPH_CONF names the cluster.
set -eu
path=/volumes/scripts/$1
change() { /usr/bin/python3 -I "${0%/*}/cephfs-command.py" "$@"; }
change mkdir "$path"
change setxattr "$path" ceph.quota.max_bytes "$3"
change setxattr "$path" ceph.dir.layout.pool_namespace "$4"
ceph auth get-or-create "client.$2" mds "allow rw fsname=cephfs path=\"$path\"" mon 'allow r' \
  osd "allow rw pool=data namespace=$4" >/dev/null
