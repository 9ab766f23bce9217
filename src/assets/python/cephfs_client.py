"""Opens a file system, and evicts clients of this program that have died.

A client that was killed keeps its capabilities on directories for a minute, and every other client waits for them. So
each client identifies its process in the metadata of its session (boot, PID namespace, pid, start time), and the next
one evicts those whose process has exited.
"""

import contextlib
import json
import os

import cephfs


def connect(user, settings, name, ranks, root, lease, create):
    """Returns a client of the file system `name`, mounted at `root`.

    lease: a lock with one holder at a time, or None. Clients of its former holders are evicted as well.
    create: also creates `root` if it is missing.
    """

    def mount(mount_root):
        client = new_client(user, settings, name, lease)
        client.init()
        # if the cluster has a problem, the mount below reports it
        with contextlib.suppress(Exception):
            evict_dead(client, name, ranks, lease)
        try:
            client.mount(mount_root=mount_root)
        except cephfs.Error:
            client.shutdown()
            raise
        return client

    path = root.encode()
    try:
        return mount(path)
    except cephfs.ObjectNotFound:
        if not create:
            raise
    top = mount(b'/')
    top.mkdirs(path, 0o755)
    top.unmount()
    top.shutdown()
    return mount(path)


def new_client(user, settings, name, lease):
    client = cephfs.LibCephFS(auth_id=user)
    for option, value in settings.items():
        client.conf_set(option, value)
    metadata = ['cephflex=' + '/'.join(this_process())] + (['cephflex_lease=' + lease] if lease else [])
    client.conf_set('client_metadata', ','.join(metadata))
    try:
        client.conf_set('client_fs', name)
    except cephfs.Error:
        # the name of the option before Ceph 16
        client.conf_set('client_mds_namespace', name)
    return client


def evict_dead(client, name, ranks, lease):
    for rank in ranks:
        mds = f'{name}:{rank}'
        code, sessions, _ = client.mds_command(mds, json.dumps({'prefix': 'session ls', 'format': 'json'}), '')
        if code != 0:
            continue
        for session in json.loads(sessions):
            metadata = session.get('client_metadata', {})
            process = metadata.get('cephflex', '').split('/')
            is_fenced = lease and metadata.get('cephflex_lease') == lease and process != this_process()
            if is_dead(process) or is_fenced:
                command = {'prefix': 'session evict', 'filters': [f'id={session["id"]}']}
                client.mds_command(mds, json.dumps(command), '')


def is_dead(process):
    """Whether a process of this boot and PID namespace has exited. Others are not visible."""
    this = this_process()
    if len(process) != 4 or process[:2] != this[:2] or process[2:] == this[2:]:
        return False
    try:
        return start_time(int(process[2])) != process[3]
    except Exception:
        return True


def this_process():
    with open('/proc/sys/kernel/random/boot_id') as file:
        boot = file.read().strip()
    namespace = os.readlink('/proc/self/ns/pid').strip('pid:[]')
    return [boot, namespace, str(os.getpid()), start_time('self')]


def start_time(pid):
    """Field 22 of proc_pid_stat(5). The name of the program, field 2, may contain spaces and parentheses."""
    with open(f'/proc/{pid}/stat') as file:
        return file.read().rsplit(')', 1)[1].split()[19]
