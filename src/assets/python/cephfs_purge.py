"""Removes a directory with its content, in rounds of some seconds."""

import contextlib
import errno
import itertools
import time

import cephfs
from cephfs_paths import current_inode, enter, enter_parent, read_directory, step_into

# number of entries that are read at a time: a directory may have millions
BATCH = 256


class UnfinishedError(Exception):
    """The time of this round is up, and there is more to remove."""


class Level:
    """A directory on the way down to the current one."""

    def __init__(self, name, inode):
        self.name = name
        self.inode = inode
        # names and inode numbers of the subdirectories that are not removed yet
        self.directories = []


def purge(fs, path, seconds):
    """Returns whether the directory is removed. If not, call it again."""
    try:
        step_into(fs, enter_parent(fs, path))
    except cephfs.ObjectNotFound:
        return True
    try:
        remove_content(fs, time.monotonic() + seconds)
    except UnfinishedError:
        return False
    if not try_rmdir(fs, enter_parent(fs, path)):
        raise cephfs.OSError(errno=errno.ENOTEMPTY, strerror='it cannot be removed: does it have snapshots?')
    return True


def remove_content(fs, end):
    """Removes the content of the current directory. Not recursive, since a tree may be deeper than Python's stack."""
    levels = [Level(b'.', current_inode(fs))]
    while levels:
        level = levels[-1]
        if level.directories:
            check_time(end)
            name, inode = level.directories.pop()
            if not try_rmdir(fs, name):
                enter(fs, name, inode)
                levels.append(Level(name, inode))
        elif not remove_batch(fs, level, end):
            levels.pop()
            if levels:
                leave(fs, level, levels[-1])


def remove_batch(fs, level, end):
    """Removes files of the current directory, and lists its subdirectories. Returns False if it was empty."""
    with contextlib.closing(read_directory(fs)) as entries:
        batch = list(itertools.islice(entries, BATCH))
    for entry in batch:
        check_time(end)
        if entry.is_dir():
            level.directories.append((entry.d_name, entry.d_ino))
            continue
        with contextlib.suppress(cephfs.ObjectNotFound):
            fs.unlink(entry.d_name)
    return bool(batch)


def leave(fs, level, above):
    """Goes back to the parent directory, and removes the one that was left."""
    fs.chdir(b'..')
    if current_inode(fs) != above.inode:
        # it was moved meanwhile: the next round starts at the top
        raise UnfinishedError
    if not try_rmdir(fs, level.name):
        message = 'a directory in it cannot be removed: does it have snapshots?'
        raise cephfs.OSError(errno=errno.ENOTEMPTY, strerror=message)


def check_time(end):
    if time.monotonic() > end:
        raise UnfinishedError


def try_rmdir(fs, name):
    """Returns False if the directory is not empty."""
    try:
        fs.rmdir(name)
    except cephfs.ObjectNotFound:
        return True
    except cephfs.Error as error:
        if getattr(error, 'errno', None) == errno.ENOTEMPTY:
            return False
        raise
    return True
