import { CHANGES } from './cephfs-session/changes.js'
import { CLIENT } from './cephfs-session/client.js'
import { PATHS } from './cephfs-session/paths.js'
import { PURGE } from './cephfs-session/purge.js'

/** What the program below answers to one request: errno 0 is success. */
export type CephFsAnswer = { code: number; error: string; result?: unknown }

/**
 * A Python program that keeps one client of a file system in its own memory:
 * no mount table of any node ever shows it. Reads one JSON request a line from
 * stdin and answers each with one line, `{"code": 0, "error": "", "result": …}`.
 *
 * It mounts claimRoot, and every path in a request is relative to that.
 * Directories are entered one component at a time, and each time it is proved
 * by inode number that the directory entered is the one that was listed: a
 * link or a directory that somebody swaps in is never followed. (A mount of a
 * sub-directory alone does not do it: libcephfs follows ".." out of it.)
 *
 * A client that was killed keeps its rights on directories for a minute, and
 * everybody waits for it. So each says in its session who it is (boot, process
 * namespace, pid, start time), and the next one evicts those that have died.
 */
export const CEPHFS_SESSION_SOURCE = `${CLIENT}${PATHS}${PURGE}${CHANGES}
OPS = dict(
    look=lambda r: [look(path, r['names']) for path in r['paths']],
    list=lambda r: listing(r['path'], r['names']),
    parents=lambda r: parents(r['path']),
    mkdir=lambda r: make(r['path'], r['mode']),
    rmdir=lambda r: try_rmdir(at(r['path'])) or fs.rmdir(at(r['path'])),
    rename=lambda r: rename(r['from'], r['to']),
    unlink=lambda r: unlink(r['path']),
    chmod=lambda r: fs.chmod(at(r['path']), r['mode']),
    set=lambda r: fs.setxattr(at(r['path']), r['name'], r['value'].encode(), 0),
    unset=lambda r: fs.removexattr(at(r['path']), r['name']),
    purge=lambda r: purge(r['path'], r['seconds']),
    connect=connect,
)
for line in sys.stdin.buffer:
    request = json.loads(line)
    try:
        answer = dict(code=0, error='', result=OPS[request['op']](request))
    except Exception as e:
        answer = dict(code=abs(getattr(e, 'errno', None) or getattr(e, 'error_code', None) or 71), error=str(e))
    sys.stdout.write(json.dumps(dict(answer, id=request['id'])) + '\\n')
    sys.stdout.flush()
if fs is not None:
    fs.chdir(b'/')
    fs.unmount()
os._exit(0)
`
