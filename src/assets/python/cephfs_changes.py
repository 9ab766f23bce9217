"""Changes to a file system. Each function takes a client and paths relative to its root."""

import contextlib
import errno
import stat

import cephfs
from cephfs_paths import components, enter_parent, step_into


def make_parents(fs, path):
    """Creates a directory and its parents, if they are missing."""
    fs.chdir(b'/')
    for part in components(path):
        with contextlib.suppress(cephfs.ObjectExists):
            fs.mkdir(part, 0o755)
        step_into(fs, part)


def make_directory(fs, path, mode):
    fs.mkdir(enter_parent(fs, path), mode)


def remove_directory(fs, path):
    fs.rmdir(enter_parent(fs, path))


def rename(fs, old, new):
    # fails if a directory on the way is a link
    enter_parent(fs, new)
    name = enter_parent(fs, old)
    fs.rename(name, b'/' + b'/'.join(components(new)))


def make_link(fs, path, target):
    fs.symlink(target, enter_parent(fs, path))


def remove_file(fs, path):
    name = enter_parent(fs, path)
    mode = fs.lstat(name).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
        raise cephfs.OSError(errno=errno.EISDIR, strerror='not a file')
    fs.unlink(name)


def set_mode(fs, path, mode):
    fs.chmod(enter_parent(fs, path), mode)


def set_attribute(fs, path, name, value):
    fs.setxattr(enter_parent(fs, path), name, value.encode(), 0)


def remove_attribute(fs, path, name):
    fs.removexattr(enter_parent(fs, path), name)
