import * as fs from 'node:fs'

/** open(2): a handle for a path, without opening the file. Node.js has no constant for it. */
const O_PATH = 0o10_000_000
const FLAGS = O_PATH | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW
const OTHERS_MAY_WRITE = 0o022

/**
 * Walks from `base`, whose own links are followed, through `names`. Each is
 * opened relative to the one before, as with openat(2), so that none can be
 * swapped after it was checked. The walk ends at a name that does not exist.
 *
 * @returns the first directory that is a link, is not owned by root or is writable by others, and why;
 *   undefined if there is none.
 */
export function unsafeComponent(base: string, names: readonly string[]): string | undefined {
  let path = base
  const enter = (at: string, flags: number, [name, ...rest]: readonly string[]): string | undefined =>
    withDirectory(at, flags, fd => {
      const why = whyUnsafe(fd)
      if (why !== undefined) return `${path} ${why}`
      if (name === undefined) return undefined
      path += `/${name}`
      return enter(`/proc/self/fd/${fd}/${name}`, FLAGS, rest)
    })
  try {
    return enter(base, FLAGS & ~fs.constants.O_NOFOLLOW, names)
  } catch (error) {
    return explain(path, error)
  }
}

/** A directory that is held open. */
export type HeldDirectory = {
  /** Leads to this directory, whatever happens to the names above it: for this process and its children. */
  path: string
  /** The path that the directory has now. */
  place: () => string
  close: () => void
}

/**
 * Holds the directory that a path leads to: what is mounted on it afterwards cannot be redirected.
 *
 * @param path without links, as the kernel shows it.
 * @returns undefined if the path leads to another place, because a name in it is a link.
 * @throws the error of open(2), such as ENOENT and ENOTDIR.
 */
export function holdDirectory(path: string): HeldDirectory | undefined {
  const fd = fs.openSync(path, FLAGS)
  const place = () => fs.readlinkSync(`/proc/self/fd/${fd}`)
  const close = () => fs.closeSync(fd)
  // a child has another /proc/self
  if (place() === path) return { path: `/proc/${fs.readlinkSync('/proc/self')}/fd/${fd}`, place, close }
  close()
  return undefined
}

/** Opens a directory without following a link, passes it to `work` and closes it. */
function withDirectory(
  path: string,
  flags: number,
  work: (fd: number) => string | undefined,
): string | undefined {
  const fd = fs.openSync(path, flags)
  try {
    return work(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function whyUnsafe(fd: number): string | undefined {
  const { uid, mode } = fs.fstatSync(fd)
  if (uid !== process.getuid?.()) return `belongs to user ${uid}`
  return mode & OTHERS_MAY_WRITE ? 'is writable by users other than root' : undefined
}

function explain(path: string, error: unknown): string | undefined {
  const { code = 'EUNKNOWN' } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return undefined
  if (code === 'ENOTDIR' || code === 'ELOOP') return `${path} is a symbolic link or not a directory`
  return `${path} cannot be inspected: ${code}`
}
