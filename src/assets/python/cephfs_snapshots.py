"""Finds snapshots: a directory with one cannot be removed. In rounds of some seconds."""

import errno
import time

import cephfs
from cephfs_paths import components, read_directory, step_into

# a message names only some
LIMIT = 10

# the walks that are not finished, by their paths: what they found, and the generator that continues
walks = {}


def find_snapshots(fs, path, seconds):
    """Returns the paths of the first snapshots below a path; None if the time of this round is up."""
    end = time.monotonic() + seconds
    found, walk = walks.pop(path, None) or ([], walk_below(fs, path))
    for snapshot in walk:
        if snapshot is not None:
            found.append(snapshot)
        if len(found) == LIMIT:
            break
        if time.monotonic() > end:
            walks[path] = found, walk
            return None
    return found


def walk_below(fs, path):
    """Yields the path of each snapshot, and None after each other entry. Between two of them, others may use `fs`."""
    waiting = [components(path)]
    while waiting:
        parts = waiting.pop()
        if not try_enter(fs, parts):
            continue
        snapshots, entries = read_directory(fs, b'.snap'), read_directory(fs)
        for entry in snapshots:
            # those of a parent directory begin with "_", and prevent nothing
            is_own = not entry.d_name.startswith(b'_')
            yield b'/'.join([*parts, b'.snap', entry.d_name]).decode('utf-8', 'replace') if is_own else None
        for entry in entries:
            if entry.is_dir():
                waiting.append([*parts, entry.d_name])
            yield None


def try_enter(fs, parts):
    """Returns False if the directory was removed or moved meanwhile."""
    fs.chdir(b'/')
    try:
        for part in parts:
            step_into(fs, part)
    except cephfs.Error as error:
        if getattr(error, 'errno', None) in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE):
            return False
        raise
    return True
