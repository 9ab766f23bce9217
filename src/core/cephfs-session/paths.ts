/** Enters directories one component at a time, and looks at them. */
export const PATHS = `
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
`
