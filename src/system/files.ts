import * as fs from 'node:fs'
import { dirname } from 'node:path/posix'
import { CephflexError } from '../core/errors.js'
import { unsafeComponent } from './safe-path.js'

/** What cannot be there: a link that leads to itself and a name that is too long as well. */
const GONE = ['ENOENT', 'ENOTDIR', 'ESRCH', 'ELOOP', 'ENAMETOOLONG']
const TMPFS_MAGIC = [0x01021994, 0x858458f6]

/** open(2): a file that never has a name. Node has no constant for it; the same number on x86-64 and arm64. */
const O_TMPFILE = 0o20_000_000 | fs.constants.O_DIRECTORY

const APPEND = fs.constants.O_APPEND | fs.constants.O_CREAT | fs.constants.O_WRONLY | fs.constants.O_NOFOLLOW
let scratchCount = 0

export type Files = typeof files

/**
 * All access to the disk on the path of a driver call. Synchronous on purpose:
 * it is faster than the thread pool, whose threads would also keep the process
 * from ending if one of them hung. So nothing here is ever called on a path
 * inside a mounted volume.
 */
export const files = {
  /** The text of a file; undefined if there is none. */
  read: (path: string): string | undefined => unless(GONE, () => fs.readFileSync(path, 'utf8')),
  /** Names in a directory, without order; none if it does not exist. */
  list: (path: string): string[] => unless([...GONE, 'EACCES'], () => fs.readdirSync(path)) ?? [],
  /** Where a symbolic link points; undefined if it is none or cannot be read. */
  link: (path: string): string | undefined =>
    unless([...GONE, 'EINVAL', 'EACCES'], () => fs.readlinkSync(path)),
  realPath: (path: string): string | undefined => unless(GONE, () => fs.realpathSync(path)),
  kind: kindOf,
  unsafeComponent,
  /** Identifies one version of a program: changes when the file is replaced. */
  version: (path: string): string | undefined =>
    unless(GONE, () => {
      const { ino, mtimeMs, size } = fs.statSync(path)
      return `${path}:${ino}:${mtimeMs}:${size}`
    }),
  isExecutable: (path: string): boolean => {
    try {
      fs.accessSync(path, fs.constants.X_OK)
      return fs.statSync(path).isFile()
    } catch {
      return false
    }
  },
  /** @returns undefined if the device can be opened for reading and writing, else the errno name. */
  openProblem: (path: string): string | undefined => {
    try {
      fs.closeSync(fs.openSync(path, 'r+'))
      return undefined
    } catch (error) {
      return errno(error)
    }
  },
  isInMemory: (path: string): boolean =>
    unless(GONE, () => TMPFS_MAGIC.includes(fs.statfsSync(path).type)) ?? false,
  /**
   * Makes a directory that only root can enter, or proves that an existing one is.
   *
   * @throws CephflexError ENORUNDIR if it is a link, not root's, open to others, or cannot be made.
   */
  secureDirectory: (path: string): void => {
    const previous = process.umask(0o077)
    try {
      makeDirectory(path, 0o700)
      const stat = fs.lstatSync(path)
      if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o077) !== 0)
        throw new CephflexError('ENORUNDIR', `${path} is not a directory owned by root with mode 0700`)
    } catch (error) {
      if (error instanceof CephflexError) throw error
      throw new CephflexError('ENORUNDIR', `cannot create ${path}: ${errno(error)}`)
    } finally {
      process.umask(previous)
    }
  },
  makeDirectory,
  /** Creates the file; fails if anything of that name exists, so that a planted link is never followed. */
  create: (path: string, text: string): void => fs.writeFileSync(path, text, { mode: 0o600, flag: 'wx' }),
  /** Replaces a file as a whole: a reader sees the old text or the new one. */
  replace: (path: string, text: string): void => {
    const temporary = `${path}.${process.pid}`
    remove(temporary) // of a killed process that had this pid
    fs.writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
    fs.renameSync(temporary, path)
  },
  /** Adds to a file, or makes it. A link of that name is refused. */
  append: (path: string, text: string): void =>
    fs.writeFileSync(path, text, { mode: 0o600, flag: APPEND as unknown as string }),
  /** Permission bits of a directory; undefined if it does not exist. */
  mode: (path: string): number | undefined => unless(GONE, () => fs.lstatSync(path).mode & 0o7777),
  /** chmod(2). @returns false if it is not permitted, as on an immutable directory, or gone. */
  setMode: (path: string, mode: number): boolean =>
    unless([...GONE, 'EPERM', 'EROFS'], () => {
      fs.chmodSync(path, mode)
      return true
    }) ?? false,
  size: (path: string): number => unless(GONE, () => fs.statSync(path).size) ?? 0,
  rename: (from: string, to: string): void => fs.renameSync(from, to),
  /** Removes a file; nothing happens if there is none. */
  remove,
  /** rmdir(2), never more. @returns whether the directory is gone. */
  removeDirectory: (path: string): boolean => {
    try {
      fs.rmdirSync(path)
      return true
    } catch (error) {
      return errno(error) === 'ENOENT'
    }
  },
  /**
   * Keeps memory, which holds keys, out of core dumps of this process and of all it starts (core(5): the filter is
   * inherited). Node cannot set RLIMIT_CORE; this says the same to the kernel, without a child.
   */
  leaveNoCore: (): void => {
    try {
      fs.writeFileSync('/proc/self/coredump_filter', '0')
    } catch {
      // a kernel without core dumps
    }
  },
  /** A handle on a directory, which it names whatever becomes of its path. */
  openDirectory: (path: string): number =>
    fs.openSync(path, fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW),
  readFd: (fd: number): string => {
    const buffer = Buffer.alloc(64 * 1024)
    const size = fs.fstatSync(fd).size
    // the tail: what a program says last is why it failed
    const read = fs.readSync(fd, buffer, 0, buffer.length, Math.max(0, size - buffer.length))
    return buffer.toString('utf8', 0, read)
  },
  close: (fd: number): void => fs.closeSync(fd),
  /** A file without a name: it takes the output of a child and is gone when it is closed. */
  openScratch: (directory: string): number => {
    try {
      return fs.openSync(directory, fs.constants.O_RDWR | O_TMPFILE, 0o600)
    } catch {
      // a file system that cannot do it
    }
    scratchCount += 1
    const path = `${directory}/out.${process.pid}.${scratchCount}`
    remove(path) // of a killed process that had this pid
    const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL, 0o600)
    fs.unlinkSync(path)
    return fd
  },
}

/** The errno name of a failed call, for example `ENOENT`. */
export function errno(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN'
}

/**
 * mkdir -p, one level at a time: Node's own never ends where a file system
 * refuses new entries with ENOENT, as /proc does.
 *
 * @returns the directories that were made, the deepest first.
 */
function makeDirectory(path: string, mode: number): string[] {
  if (kindOf(path) !== 'missing') return []
  const above = makeDirectory(dirname(path), mode)
  try {
    fs.mkdirSync(path, { mode })
    return [path, ...above]
  } catch (error) {
    // another call may have made it at the same moment
    if (errno(error) === 'EEXIST') return above
    throw error
  }
}

function kindOf(path: string): 'missing' | 'directory' | 'file' | 'link' | 'other' {
  const stat = unless(GONE, () => fs.lstatSync(path))
  if (!stat) return 'missing'
  if (stat.isDirectory()) return 'directory'
  if (stat.isFile()) return 'file'
  return stat.isSymbolicLink() ? 'link' : 'other'
}

function remove(path: string): void {
  unless(GONE, () => fs.unlinkSync(path))
}

function unless<T>(codes: readonly string[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (codes.includes(errno(error))) return undefined
    throw error
  }
}
