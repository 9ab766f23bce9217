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
export const CEPHFS_SESSION_SOURCE = `
import json, os, stat, sys, time
import cephfs
fs = None
LIMIT = 256
def process(pid):
    with open('/proc/%s/stat' % pid) as f:
        return f.read().rsplit(')', 1)[1].split()[19]
def me():
    with open('/proc/sys/kernel/random/boot_id') as f:
        boot = f.read().strip()
    return [boot, os.readlink('/proc/self/ns/pid').strip('pid:[]'), str(os.getpid()), process('self')]
def is_dead(who):
    mine = me()
    if len(who) != 4 or who[:2] != mine[:2] or who[2:] == mine[2:]:
        return False
    try:
        return process(int(who[2])) != who[3]
    except Exception:
        return True
def new_client(r):
    h = cephfs.LibCephFS(auth_id=r['user'])
    for name, value in r['settings'].items():
        h.conf_set(name, value)
    tags = ['cephflex=' + '/'.join(me())] + (['cephflex_lease=' + r['lease']] if r.get('lease') else [])
    h.conf_set('client_metadata', ','.join(tags))
    if r.get('fsName'):
        try:
            h.conf_set('client_fs', r['fsName'])
        except cephfs.Error:
            h.conf_set('client_mds_namespace', r['fsName'])
    return h
def evict_dead(h, r):
    for rank in r.get('ranks', []):
        spec = '%s:%s' % (r['fsName'], rank)
        code, out, _ = h.mds_command(spec, json.dumps({'prefix': 'session ls', 'format': 'json'}), '')
        if code != 0:
            continue
        for session in json.loads(out):
            meta = session.get('client_metadata', {})
            who = meta.get('cephflex', '').split('/')
            fenced = r.get('lease') and meta.get('cephflex_lease') == r['lease'] and who != me()
            if is_dead(who) or fenced:
                h.mds_command(spec, json.dumps({'prefix': 'session evict', 'filters': ['id=%d' % session['id']]}), '')
def mount(r, root):
    h = new_client(r)
    h.init()
    try:
        evict_dead(h, r)
    except Exception:
        pass
    try:
        h.mount(mount_root=root)
        return h
    except cephfs.Error:
        h.shutdown()
        raise
def connect(r):
    global fs
    root = r['claimRoot'].encode()
    try:
        fs = mount(r, root)
    except cephfs.ObjectNotFound:
        if not r.get('create'):
            raise
        top = mount(r, b'/')
        top.mkdirs(root, 0o755)
        top.unmount()
        top.shutdown()
        fs = mount(r, root)
def enter(name, ino):
    fs.chdir(name)
    if fs.stat(b'.').st_ino != ino:
        fs.chdir(b'/')
        raise cephfs.OSError(errno=116, strerror='a directory was exchanged meanwhile')
def step_into(name):
    found = fs.lstat(name)
    if not stat.S_ISDIR(found.st_mode):
        raise cephfs.OSError(errno=20, strerror='not a directory')
    enter(name, found.st_ino)
def at(path):
    fs.chdir(b'/')
    parts = [part for part in path.encode().split(b'/') if part]
    for part in parts[:-1]:
        step_into(part)
    return parts[-1] if parts else b'.'
def attribute(name, path):
    try:
        return fs.getxattr(path, name, size=4096, follow_symlink=False).decode('utf-8', 'replace')
    except (cephfs.NoData, cephfs.ObjectNotFound):
        return None
    except cephfs.Error as e:
        if getattr(e, 'errno', None) in (61, 22, 95):
            return None
        raise
def look(path, names):
    try:
        name = at(path)
        found = fs.lstat(name)
    except cephfs.Error as e:
        if isinstance(e, cephfs.ObjectNotFound) or getattr(e, 'errno', None) == 20:
            return dict(kind='missing')
        raise
    if not stat.S_ISDIR(found.st_mode):
        return dict(kind='other')
    return dict(kind='directory', attributes={n: attribute(n, name) for n in names})
def entries(limit):
    found, handle = [], fs.opendir(b'.')
    try:
        while len(found) < limit:
            e = fs.readdir(handle)
            if e is None:
                break
            if e.d_name not in (b'.', b'..'):
                found.append((e.d_name, e.is_dir(), e.d_ino))
    finally:
        fs.closedir(handle)
    return found
def try_rmdir(name):
    try:
        fs.rmdir(name)
        return True
    except cephfs.ObjectNotFound:
        return True
    except cephfs.Error as e:
        if getattr(e, 'errno', None) == 39:
            return False
        raise
def purge(path, seconds):
    end, removed = time.monotonic() + seconds, 0
    try:
        name = at(path)
        step_into(name)
    except cephfs.ObjectNotFound:
        return dict(done=True, removed=0)
    stack = [[name, fs.stat(b'.').st_ino, []]]
    while True:
        level = stack[-1]
        if not level[2]:
            found = entries(LIMIT)
            for entry, is_dir, ino in found:
                if time.monotonic() > end:
                    return dict(done=False, removed=removed)
                if is_dir:
                    level[2].append((entry, ino))
                    continue
                try:
                    fs.unlink(entry)
                    removed += 1
                except cephfs.ObjectNotFound:
                    pass
            if not found:
                if len(stack) == 1:
                    break
                stack.pop()
                fs.chdir(b'..')
                if fs.stat(b'.').st_ino != stack[-1][1]:
                    return dict(done=False, removed=removed)
                if not try_rmdir(level[0]):
                    raise cephfs.OSError(errno=39, strerror='a directory in it cannot be removed: does it have snapshots?')
                removed += 1
                continue
        if not level[2]:
            continue
        if time.monotonic() > end:
            return dict(done=False, removed=removed)
        entry, ino = level[2].pop()
        if try_rmdir(entry):
            removed += 1
            continue
        enter(entry, ino)
        stack.append([entry, ino, []])
    name = at(path)
    if not try_rmdir(name):
        raise cephfs.OSError(errno=39, strerror='it cannot be removed: does it have snapshots?')
    return dict(done=True, removed=removed + 1)
def listing(path, names):
    at(path)
    if path:
        step_into(at(path))
    found, handle = [], fs.opendir(b'.')
    try:
        while True:
            e = fs.readdir(handle)
            if e is None:
                break
            if e.d_name not in (b'.', b'..') and e.is_dir():
                try:
                    found.append(dict(name=e.d_name.decode(), attributes={n: attribute(n, e.d_name) for n in names}))
                except UnicodeDecodeError:
                    pass
    finally:
        fs.closedir(handle)
    return found
def make(path, mode):
    name = at(path)
    fs.mkdir(name, mode)
def parents(path):
    fs.chdir(b'/')
    for part in [part for part in path.encode().split(b'/') if part]:
        try:
            fs.mkdir(part, 0o755)
        except cephfs.ObjectExists:
            pass
        step_into(part)
def unlink(path):
    name = at(path)
    if not stat.S_ISREG(fs.lstat(name).st_mode):
        raise cephfs.OSError(errno=21, strerror='not a file')
    fs.unlink(name)
def rename(old, new):
    at(old)
    source, target = old.encode(), new.encode()
    if source.rsplit(b'/', 1)[:-1] != target.rsplit(b'/', 1)[:-1]:
        raise cephfs.OSError(errno=18, strerror='a volume stays in its directory')
    fs.rename(source.rsplit(b'/', 1)[-1], target.rsplit(b'/', 1)[-1])
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
