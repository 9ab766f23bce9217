import * as fs from 'node:fs'
import { dirname } from 'node:path/posix'
import { CephflexError } from '../core/errors.js'
import { unsafeComponent } from './safe-path.js'

/** Errors of a path that cannot exist. A link to itself and a name that is too long are among them. */
const MISSING = ['ENOENT', 'ENOTDIR', 'ESRCH', 'ELOOP', 'ENAMETOOLONG']
const TMPFS_MAGIC = [0x01021994, 0x858458f6]

/** open(2): a file without a name. Node.js has no constant for it; x86-64 and arm64 have the same number. */
const O_TMPFILE = 0o20_000_000 | fs.constants.O_DIRECTORY

const APPEND = fs.constants.O_APPEND | fs.constants.O_CREAT | fs.constants.O_WRONLY | fs.constants.O_NOFOLLOW
let scratchCount = 0

export type Files = typeof files

/**
 * All disk access of a driver call. Synchronous on purpose: this is faster than
 * the thread pool, and a thread that hangs would keep the process from exiting.
 * So never use it on a path inside a mounted volume, where it could hang.
 */
export const files = {
  /** The text of a file; undefined if there is none. */
  read: (path: string): string | undefined => unless(MISSING, () => fs.readFileSync(path, 'utf8')),
  readBytes: (path: string): Buffer | undefined => unless(MISSING, () => fs.readFileSync(path)),
  /** The names in a directory, unsorted; empty if it does not exist. */
  list: (path: string): string[] => unless([...MISSING, 'EACCES'], () => fs.readdirSync(path)) ?? [],
  /** The target of a symbolic link; undefined if the path is not a link or cannot be read. */
  link: (path: string): string | undefined =>
    unless([...MISSING, 'EINVAL', 'EACCES'], () => fs.readlinkSync(path)),
  realPath: (path: string): string | undefined => unless(MISSING, () => fs.realpathSync(path)),
  kind: kindOf,
  unsafeComponent,
  /** Identifies one version of a program: changes when the file is replaced. */
  version: (path: string): string | undefined =>
    unless(MISSING, () => {
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
    unless(MISSING, () => TMPFS_MAGIC.includes(fs.statfsSync(path).type)) ?? false,
  /**
   * Creates a directory that only root can enter, or checks that an existing one is like that.
   *
   * @throws CephflexError ENORUNDIR if it is a link, not owned by root, open to others, or cannot be created.
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
  /** Creates a file. Fails if the name exists, so that a planted link is never followed. */
  create: (path: string, text: string): void => fs.writeFileSync(path, text, { mode: 0o600, flag: 'wx' }),
  /** Replaces a file atomically: a reader sees the old text or the new one. */
  replace: (path: string, text: string): void => {
    const temporary = `${path}.${process.pid}`
    remove(temporary) // left by a killed process with the same pid
    fs.writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
    fs.renameSync(temporary, path)
  },
  /** Appends to a file, and creates it if it is missing. Refuses a symbolic link. */
  append: (path: string, text: string): void =>
    fs.writeFileSync(path, text, { mode: 0o600, flag: APPEND as unknown as string }),
  /** Permission bits of a directory; undefined if it does not exist. */
  mode: (path: string): number | undefined => unless(MISSING, () => fs.lstatSync(path).mode & 0o7777),
  /** chmod(2). @returns false if it is missing or not permitted, as on an immutable directory. */
  setMode: (path: string, mode: number): boolean =>
    unless([...MISSING, 'EPERM', 'EROFS'], () => {
      fs.chmodSync(path, mode)
      return true
    }) ?? false,
  size: (path: string): number => unless(MISSING, () => fs.statSync(path).size) ?? 0,
  rename: (from: string, to: string): void => fs.renameSync(from, to),
  /** Removes a file, if it exists. */
  remove,
  /** rmdir(2): removes an empty directory only. @returns whether the directory no longer exists. */
  removeDirectory: (path: string): boolean => {
    try {
      fs.rmdirSync(path)
      return true
    } catch (error) {
      return errno(error) === 'ENOENT'
    }
  },
  /**
   * Keeps memory, which holds keys, out of core dumps of this process and its children (core(5): the filter is
   * inherited). Node.js cannot set RLIMIT_CORE; this has the same effect without a child process.
   */
  leaveNoCore: (): void => {
    try {
      fs.writeFileSync('/proc/self/coredump_filter', '0')
    } catch {
      // a kernel without core dumps
    }
  },
  /** Opens a directory. The handle stays valid when the directory is renamed. */
  openDirectory: (path: string): number =>
    fs.openSync(path, fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW),
  readFd: (fd: number): string => {
    const buffer = Buffer.alloc(64 * 1024)
    const size = fs.fstatSync(fd).size
    // the tail: a program prints last why it failed
    const read = fs.readSync(fd, buffer, 0, buffer.length, Math.max(0, size - buffer.length))
    return buffer.toString('utf8', 0, read)
  },
  close: (fd: number): void => fs.closeSync(fd),
  /** Opens a file without a name for the output of a child. It disappears when it is closed. */
  openScratch: (directory: string): number => {
    try {
      return fs.openSync(directory, fs.constants.O_RDWR | O_TMPFILE, 0o600)
    } catch {
      // this file system does not support it
    }
    scratchCount += 1
    const path = `${directory}/out.${process.pid}.${scratchCount}`
    remove(path) // left by a killed process with the same pid
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
 * mkdir -p, one level at a time: that of Node.js never returns where a file
 * system refuses new entries with ENOENT, as /proc does.
 *
 * @returns the directories that were created, the deepest first.
 */
function makeDirectory(path: string, mode: number): string[] {
  if (kindOf(path) !== 'missing') return []
  const above = makeDirectory(dirname(path), mode)
  try {
    fs.mkdirSync(path, { mode })
    return [path, ...above]
  } catch (error) {
    // another call may have created it meanwhile
    if (errno(error) === 'EEXIST') return above
    throw error
  }
}

function kindOf(path: string): 'missing' | 'directory' | 'file' | 'link' | 'other' {
  const stat = unless(MISSING, () => fs.lstatSync(path))
  if (!stat) return 'missing'
  if (stat.isDirectory()) return 'directory'
  if (stat.isFile()) return 'file'
  return stat.isSymbolicLink() ? 'link' : 'other'
}

function remove(path: string): void {
  unless(MISSING, () => fs.unlinkSync(path))
}

function unless<T>(codes: readonly string[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (codes.includes(errno(error))) return undefined
    throw error
  }
}
