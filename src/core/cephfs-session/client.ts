/** Opens the file system, and evicts clients of this kind that have died. */
export const CLIENT = `
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
`
