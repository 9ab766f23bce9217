"""One change to the file system of CEPH_CONF as the admin: `mkdir PATH` or `setxattr PATH NAME VALUE`."""

import os
import sys

import cephfs

verb, path, *rest = sys.argv[1:]
fs = cephfs.LibCephFS(conffile=os.environ['CEPH_CONF'], auth_id='admin')
fs.mount()
if verb == 'mkdir':
    fs.mkdirs(path.encode(), 0o755)
else:
    fs.setxattr(path, rest[0], rest[1].encode(), 0)
fs.unmount()
fs.shutdown()
