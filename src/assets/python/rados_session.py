"""Keeps one connection to a cluster, and sends commands to its monitors and managers.

Reads one JSON request per line from stdin and answers each with one line, which has the same `id`:

    {"id": 1, "op": "mon", "fields": {"command": {"prefix": "fs ls", "format": "json"}, "input": ""}}
    {"id": 1, "code": 0, "output": [], "error": ""}

`code` is an errno, 0 for success. It connects at the first command, so starting it early costs nothing. It ends with
its stdin. The timeouts are for the case that the parent process has died: a live one has its own deadlines.

A `ceph` process takes 150-200 ms per command, most of it to parse the description of all commands. This one takes
1-10 ms.
"""

import errno
import json
import math
import os
import queue
import sys
import threading

import rados


class NotConnectedError(Exception):
    """The command was not sent, since there is no connection. The reason is the cause of this exception."""


class Session:
    def __init__(self, conf, name, seconds):
        self.conf = conf
        self.name = name
        self.seconds = seconds
        self.settings = {}
        self.cluster = None
        self.connecting = threading.Lock()

    def configure(self, settings):
        """Sets Ceph options, including the key, for the connection that is made later."""
        self.settings.update(settings)
        return 0, b'', ''

    def connect(self):
        with self.connecting:
            if self.cluster is None:
                try:
                    self.cluster = self.new_cluster()
                except Exception as error:
                    raise NotConnectedError from error
        return 0, b'', ''

    def mon(self, command, input):
        self.connect()
        return self.cluster.mon_command(json.dumps(command), input.encode())

    def mgr(self, command, input):
        self.connect()
        return self.cluster.mgr_command(json.dumps(command), input.encode())

    def new_cluster(self):
        cluster = rados.Rados(conffile=self.conf or None, name=self.name)
        for option, value in self.settings.items():
            cluster.conf_set(option, value)
        cluster.conf_set('rados_mon_op_timeout', str(self.seconds))
        cluster.connect(timeout=self.seconds)
        return cluster


OPERATIONS = {
    'configure': Session.configure,
    'connect': Session.connect,
    'mon': Session.mon,
    'mgr': Session.mgr,
}


def main(conf, name, seconds, at_once):
    """Serves requests until stdin ends.

    conf: a ceph.conf, or '' if `configure` sets everything. name: the whole entity, such as client.admin.
    at_once: how many commands may run at the same time. With 1, they are answered in order.
    """
    session = Session(conf, name, math.ceil(float(seconds)))
    requests = queue.Queue()
    writing = threading.Lock()

    def respond(request):
        text = json.dumps({**answer(session, request['op'], request['fields']), 'id': request['id']})
        with writing:
            sys.stdout.write(text + '\n')
            sys.stdout.flush()

    def work():
        for request in iter(requests.get, None):
            respond(request)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(int(at_once))]
    for worker in workers:
        worker.start()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request['op'] == 'configure':
            # immediately: a worker may connect before another one handles it
            respond(request)
        else:
            requests.put(request)
    for _ in workers:
        requests.put(None)
    for worker in workers:
        worker.join()
    if session.cluster is not None:
        session.cluster.shutdown()
    # skips the interpreter's clean-up: the connection is closed, and nothing else needs it
    os._exit(0)


def answer(session, op, fields):
    try:
        code, output, error = OPERATIONS[op](session, **fields)
        return {'code': abs(code), 'output': parse(output), 'error': error}
    except NotConnectedError as error:
        return {**failure(error.__cause__), 'unconnected': True}
    except Exception as error:
        return failure(error)


def failure(error):
    return {'code': abs(getattr(error, 'errno', None) or errno.EPROTO), 'output': None, 'error': str(error)}


def parse(output):
    """Returns JSON as a value, other text as a string, and no output as None."""
    text = output.decode('utf-8', 'replace')
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text
