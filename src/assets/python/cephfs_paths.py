"""Enters directories, and reads what is in them. Each function takes a client and a path relative to its root.

Directories are entered one component at a time. The inode number then proves that the directory entered is the one
that was checked: a link or directory that is swapped in meanwhile is never followed. Mounting a subdirectory is not
enough, since libcephfs follows `..` out of it.
"""

import errno
import stat

import cephfs

# what releases of Ceph report for an attribute that is not set or not known
NOT_SET = (errno.ENODATA, errno.EINVAL, errno.EOPNOTSUPP)


def look(fs, paths, names):
    """Returns what exists at each path, with the attributes of these names."""
    return [look_at(fs, path, names) for path in paths]


def look_at(fs, path, names):
    try:
        name = enter_parent(fs, path)
        found = fs.lstat(name)
    except cephfs.Error as error:
        if isinstance(error, cephfs.ObjectNotFound) or getattr(error, 'errno', None) == errno.ENOTDIR:
            return {'kind': 'missing'}
        raise
    if stat.S_ISLNK(found.st_mode):
        return {'kind': 'other', 'target': fs.readlink(name, 4096).decode('utf-8', 'replace')}
    if not stat.S_ISDIR(found.st_mode):
        return {'kind': 'other'}
    return {'kind': 'directory', 'attributes': read_attributes(fs, name, names)}


def list_directories(fs, path, names):
    """The directories in a directory, with the attributes of these names."""
    name = enter_parent(fs, path)
    if path:
        step_into(fs, name)
    found = []
    for entry in read_directory(fs):
        if not entry.is_dir():
            continue
        try:
            directory = entry.d_name.decode()
        except UnicodeDecodeError:
            # not created by this program
            continue
        found.append({'name': directory, 'attributes': read_attributes(fs, entry.d_name, names)})
    return found


def read_directory(fs, name=b'.'):
    """The entries of a directory in the current one, or of this itself, without `.` and `..`. Opens it at once."""
    return read_entries(fs, fs.opendir(name))


def read_entries(fs, handle):
    try:
        for entry in iter(lambda: fs.readdir(handle), None):
            if entry.d_name not in (b'.', b'..'):
                yield entry
    finally:
        fs.closedir(handle)


def read_attributes(fs, path, names):
    return {name: read_attribute(fs, path, name) for name in names}


def read_attribute(fs, path, name):
    try:
        return fs.getxattr(path, name, size=4096, follow_symlink=False).decode('utf-8', 'replace')
    except (cephfs.NoData, cephfs.ObjectNotFound):
        return None
    except cephfs.Error as error:
        code = getattr(error, 'errno', None)
        if code in NOT_SET:
            return None
        # longer than any value that this program writes: a pod may have set it
        if code == errno.ERANGE:
            return ''
        raise


def enter_parent(fs, path):
    """Makes the parent of a path the current directory. Returns the last component, or `.` for the root."""
    fs.chdir(b'/')
    *parents, name = components(path) or [b'.']
    for parent in parents:
        step_into(fs, parent)
    return name


def step_into(fs, name):
    """Enters a directory in the current one."""
    found = fs.lstat(name)
    if not stat.S_ISDIR(found.st_mode):
        raise cephfs.OSError(errno=errno.ENOTDIR, strerror='not a directory')
    enter(fs, name, found.st_ino)


def enter(fs, name, inode):
    """Enters a directory in the current one, if it still has this inode number."""
    fs.chdir(name)
    if current_inode(fs) != inode:
        fs.chdir(b'/')
        raise cephfs.OSError(errno=errno.ESTALE, strerror='a directory was replaced while it was entered')


def current_inode(fs):
    return fs.stat(b'.').st_ino


def components(path):
    return [part for part in path.encode().split(b'/') if part]
