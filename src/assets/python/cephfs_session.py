"""Keeps one client of a file system in its own memory, without a mount on the node.

Reads one JSON request per line from stdin and answers each with one line, which has the same `id`:

    {"id": 1, "op": "mkdir", "fields": {"path": "default/web", "mode": 493}}
    {"id": 1, "code": 0, "error": "", "result": null}

`code` is an errno, 0 for success. The first request is `connect`. The session ends with its stdin.
"""

import errno
import json
import os
import sys

import cephfs_changes
import cephfs_client
import cephfs_paths
import cephfs_purge
import cephfs_survey

# each takes the client and the fields of the request; `connect` returns the client
OPERATIONS = {
    'connect': cephfs_client.connect,
    'look': cephfs_paths.look,
    'list': cephfs_paths.list_directories,
    'parents': cephfs_changes.make_parents,
    'mkdir': cephfs_changes.make_directory,
    'rmdir': cephfs_changes.remove_directory,
    'rename': cephfs_changes.rename,
    'symlink': cephfs_changes.make_link,
    'unlink': cephfs_changes.remove_file,
    'chmod': cephfs_changes.set_mode,
    'set': cephfs_changes.set_attribute,
    'unset': cephfs_changes.remove_attribute,
    'purge': cephfs_purge.purge,
    'survey': cephfs_survey.survey,
}


def main():
    fs = None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        op, fields = request['op'], request['fields']
        result = None
        try:
            if op == 'connect':
                fs = OPERATIONS[op](**fields)
            else:
                result = OPERATIONS[op](fs, **fields)
            answer = {'code': 0, 'error': '', 'result': result}
        except Exception as error:
            answer = {'code': code_of(error), 'error': str(error)}
        sys.stdout.write(json.dumps({**answer, 'id': request['id']}) + '\n')
        sys.stdout.flush()
    if fs is not None:
        fs.chdir(b'/')
        fs.unmount()
    # skips the interpreter's clean-up: the connection is closed, and nothing else needs it
    os._exit(0)


def code_of(error):
    """The errno of an exception. Ceph's modules call it `errno` or `error_code`."""
    return abs(getattr(error, 'errno', None) or getattr(error, 'error_code', None) or errno.EPROTO)
