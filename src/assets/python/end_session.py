"""Ends the session that a client with this name has with each MDS, if it is one of the same user.

That is what Ceph's NFS server does with its own sessions after a crash. The MDS evicts the old client at once, so that
others need not wait until its session times out. The caps of any user of the file system are enough.

Arguments: the user, the monitors, a keyring, the name of the session, the directory of the volume, and the file system
or an empty string. Only libcephfs is needed: Ceph's Python module does not have these functions.
"""

import ctypes
import os
import sys

CEPH_RECLAIM_RESET = 1
TIMEOUT_S = '4'


def main(user, monitors, keyring, session, directory, file_system):
    lib = ctypes.CDLL('libcephfs.so.2')
    client = ctypes.c_void_p()
    require(lib.ceph_create(ctypes.byref(client), user.encode()))
    conf = os.environ.get('CEPH_CONF', os.devnull)
    if conf != os.devnull:
        require(lib.ceph_conf_read_file(client, conf.encode()))
    settings = {'mon_host': monitors, 'keyring': keyring, 'client_mount_timeout': TIMEOUT_S}
    for option, value in settings.items():
        require(lib.ceph_conf_set(client, option.encode(), value.encode()))
    if file_system and lib.ceph_conf_set(client, b'client_fs', file_system.encode()) < 0:
        # the name of the option before Ceph 16
        require(lib.ceph_conf_set(client, b'client_mds_namespace', file_system.encode()))
    require(lib.ceph_init(client))
    require(lib.ceph_start_reclaim(client, session.encode(), CEPH_RECLAIM_RESET))
    lib.ceph_finish_reclaim(client)
    # only an unmount closes the sessions of this process: a new MDS would wait for them
    require(lib.ceph_mount(client, directory.encode()))
    require(lib.ceph_unmount(client))
    # skips the clean-up of library and interpreter
    os._exit(0)


def require(code):
    if code < 0:
        sys.exit(os.strerror(-code))


if __name__ == '__main__':
    main(*sys.argv[1:])
