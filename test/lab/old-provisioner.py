"""
Creates a volume exactly like the CephFS provisioner of external-storage, in one process:

    old-provisioner.py CONF CLAIM_ROOT GROUP SHARE USER [BYTES] [--shared-namespace]

Prints the JSON that it printed: path, user and key. The directory is CLAIM_ROOT/GROUP/SHARE, next to it is the
file that its library keeps for each volume; the caps are unquoted, with "allow r" for everything.
"""

import json
import os
import sys

import cephfs
import rados

conf, root, group, share, user, *rest = sys.argv[1:]
isolated = '--shared-namespace' not in rest
size = [word for word in rest if word.isdigit()]
cluster = rados.Rados(conffile=conf, name='client.admin')
cluster.connect()
fs = cephfs.LibCephFS(rados_inst=cluster)
fs.init()
fs.mount()


def command(prefix, **arguments):
    code, out, error = cluster.mon_command(json.dumps(dict(prefix=prefix, format='json', **arguments)), b'')
    if code != 0:
        raise LookupError(error)
    return json.loads(out)


def inherited(path, name):
    try:
        return fs.getxattr(path, name).decode()
    except cephfs.NoData:
        return inherited(os.path.dirname(path), name)


def make_parents(path):
    parts = path.split('/')
    for end in range(2, len(parts) + 1):
        below = '/'.join(parts[:end])
        try:
            fs.stat(below)
        except cephfs.ObjectNotFound:
            fs.mkdir(below, 0o755)


path = '/'.join([root, group, share])
make_parents(path)
if size:
    fs.setxattr(path, 'ceph.quota.max_bytes', size[0].encode(), 0)
if isolated:
    fs.setxattr(path, 'ceph.dir.layout.pool_namespace', ('fsvolumens_' + share).encode(), 0)
else:
    # the layout's parts are not there before one is set; the data pool of the root is the default
    fs.setxattr(path, 'ceph.dir.layout.pool', b'data', 0)
meta = f'{root}/_{group}:{share}.meta'
fs.close(fs.open(meta, os.O_CREAT, 0o755))

try:
    pool = inherited(path, 'ceph.dir.layout.pool')
except RecursionError:
    pool = 'data'
namespace = fs.getxattr(path, 'ceph.dir.layout.pool_namespace').decode() if isolated else ''
osd = f'allow rw pool={pool}' + (f' namespace={namespace}' if namespace else '')
caps = ['mds', 'allow r,allow rw path=' + path, 'osd', osd, 'mon', 'allow r']
try:
    command('auth get', entity='client.' + user)
    raise SystemExit(f'client.{user} exists')
except LookupError:
    entity = command('auth get-or-create', entity='client.' + user, caps=caps)[0]
fs.unmount()
fs.shutdown()
print(json.dumps({'path': path, 'user': entity['entity'], 'auth': entity['key']}))
