"""Finds what prevents the deletion of a directory: snapshots, and other volumes in it. In rounds of some seconds."""

import errno
import time

import cephfs
from cephfs_paths import components, read_attribute, read_directory, step_into

# a message names only some
LIMIT = 10

# the walks that are not finished, by their paths: what they found, and the generator that continues
walks = {}


def survey(fs, path, mark, seconds):
    """Returns the paths of the first snapshots below a path, and of directories below it with the attribute `mark`.

    None if the time of this round is up.
    """
    end = time.monotonic() + seconds
    found, walk = walks.pop(path, None) or ({'snapshots': [], 'marked': []}, walk_below(fs, path, mark))
    for kind, name in walk:
        if kind is not None:
            found[kind].append(name)
            if len(found[kind]) == LIMIT:
                break
        if time.monotonic() > end:
            walks[path] = found, walk
            return None
    return found


def walk_below(fs, path, mark):
    """Yields kind and path of what is found, and (None, None) after each other entry. Meanwhile others may use `fs`."""
    top = components(path)
    waiting = [top]
    while waiting:
        parts = waiting.pop()
        if not try_enter(fs, parts):
            continue
        is_marked = parts != top and read_attribute(fs, b'.', mark) is not None
        snapshots, entries = read_directory(fs, b'.snap'), read_directory(fs)
        if is_marked:
            yield 'marked', text_of(parts)
        for entry in snapshots:
            # those of a parent directory begin with "_", and prevent nothing
            is_own = not entry.d_name.startswith(b'_')
            yield ('snapshots', text_of([*parts, b'.snap', entry.d_name])) if is_own else (None, None)
        for entry in entries:
            if entry.is_dir():
                waiting.append([*parts, entry.d_name])
            yield None, None


def text_of(parts):
    return b'/'.join(parts).decode('utf-8', 'replace')


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
