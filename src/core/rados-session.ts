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
 * Arguments: configuration file, entity, seconds. It connects at the first
 * request, so that starting it early costs nothing, and ends with its stdin.
 * The timeouts are for a lost parent: a live one has deadlines of its own.
 *
 * Each `ceph` command would cost 150-200 ms, most of it Python parsing the
 * description of all commands; through one session it is 1-10 ms.
 */
export const RADOS_SESSION_SOURCE = `
import json, math, os, sys
import rados
conf, name, seconds = sys.argv[1], sys.argv[2], str(math.ceil(float(sys.argv[3])))
cluster = None
settings = {}
def connect():
    global cluster
    if cluster is None:
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
for line in sys.stdin.buffer:
    sys.stdout.write(json.dumps(ask(json.loads(line))) + '\\n')
    sys.stdout.flush()
if cluster is not None:
    cluster.shutdown()
os._exit(0)
`
