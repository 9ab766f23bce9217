/** Removes a directory with all it holds, in rounds. */
export const PURGE = `
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
`
