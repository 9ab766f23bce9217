/** Rows of errno that a refused connection can have, by meaning. Numbers: errno(3) on Linux. */
export const ERRNO = {
  notPermitted: 1,
  noEntry: 2,
  ioError: 5,
  accessDenied: 13,
  invalid: 22,
  timedOut: 110,
} as const

/** What the program below answers to one request: errno 0 is success. */
export type RadosAnswer = {
  /** Positive errno, or 0. */
  code: number
  /** JSON as a value, other text as a string, nothing as null. */
  output: unknown
  error: string
  /** True if the command never went out: there is no connection. */
  unconnected?: boolean
}

/**
 * A Python program that keeps one connection to a cluster. Reads requests from
 * stdin, one JSON object a line, and answers each with one line:
 *
 *     {"target": "mon" | "mgr" | "connect", "command": {…}, "input": "…"}
 *     {"target": "configure", "settings": {…}}
 *     {"code": 0, "output": …, "error": ""}
 *
 * A request's "id" comes back with its answer. Arguments: configuration file,
 * entity, seconds, how many commands may be on their way at once; with 1 they
 * are answered in their order. It connects at the first request, so that
 * starting it early costs nothing, and ends with its stdin. The timeouts are
 * for a lost parent: a live one has deadlines of its own.
 *
 * Each `ceph` command would cost 150-200 ms, most of it Python parsing the
 * description of all commands; through one session it is 1-10 ms.
 */
export const RADOS_SESSION_SOURCE = `
import json, math, os, queue, sys, threading
import rados
conf, name, seconds = sys.argv[1], sys.argv[2], str(math.ceil(float(sys.argv[3])))
cluster = None
settings = {}
connecting, writing = threading.Lock(), threading.Lock()
def connect():
    global cluster
    with connecting:
        if cluster is not None:
            return
        handle = rados.Rados(conffile=conf or None, name=name)
        for option, value in settings.items():
            handle.conf_set(option, value)
        handle.conf_set('rados_mon_op_timeout', seconds)
        handle.connect(timeout=int(seconds))
        cluster = handle
def ask(request):
    if request['target'] == 'configure':
        settings.update(request['settings'])
        return dict(code=0, output=None, error='')
    try:
        connect()
    except Exception as e:
        return dict(code=abs(getattr(e, 'errno', None) or 71), output=None, error=str(e), unconnected=True)
    if request['target'] == 'connect':
        return dict(code=0, output=None, error='')
    send = cluster.mgr_command if request['target'] == 'mgr' else cluster.mon_command
    try:
        code, out, error = send(json.dumps(request['command']), request.get('input', '').encode())
    except Exception as e:
        return dict(code=abs(getattr(e, 'errno', None) or 71), output=None, error=str(e))
    text = out.decode('utf-8', 'replace')
    try:
        output = json.loads(text) if text.strip() else None
    except ValueError:
        output = text
    return dict(code=abs(code), output=output, error=error)
def answer(request):
    text = json.dumps(dict(ask(request), id=request.get('id'))) + '\\n'
    with writing:
        sys.stdout.write(text)
        sys.stdout.flush()
requests = queue.SimpleQueue()
def work():
    for request in iter(requests.get, None):
        answer(request)
workers = [threading.Thread(target=work, daemon=True) for _ in range(int(sys.argv[4]))]
for worker in workers:
    worker.start()
for line in sys.stdin.buffer:
    request = json.loads(line)
    if request['target'] == 'configure':
        answer(request)
    else:
        requests.put(request)
for worker in workers:
    requests.put(None)
for worker in workers:
    worker.join()
if cluster is not None:
    cluster.shutdown()
os._exit(0)
`
