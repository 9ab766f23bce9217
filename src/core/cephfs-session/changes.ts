/** Lists and changes directories. */
export const CHANGES = `
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
`
