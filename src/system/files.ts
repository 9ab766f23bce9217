import * as fs from 'node:fs'
import { dirname } from 'node:path/posix'
import { CephflexError } from '../core/errors.js'
import { appendToFile, readRegular } from './regular-file.js'
import { holdDirectory, unsafeComponent } from './safe-path.js'

/** Errors of a path that cannot exist. A link to itself and a name that is too long are among them. */
const MISSING = ['ENOENT', 'ENOTDIR', 'ESRCH', 'ELOOP', 'ENAMETOOLONG']
const TMPFS_MAGIC = [0x01021994, 0x858458f6]

/** open(2): a file without a name. Node.js has no constant for it; x86-64 and arm64 have the same number. */
const O_TMPFILE = 0o20_000_000 | fs.constants.O_DIRECTORY

/** Errors of a full file system or quota. */
const FULL = ['ENOSPC', 'EDQUOT']
let scratchCount = 0

export type Files = typeof files

/**
 * All disk access of a driver call. Synchronous on purpose: this is faster than
 * the thread pool, and a thread that hangs would keep the process from exiting.
 * So never use it on a path inside a mounted volume, where it could hang.
 */
export const files = {
  /** The text of a regular file; undefined if there is none. Anything else, such as a FIFO, is an error: it could block. */
  read: (path: string): string | undefined => unless(MISSING, () => readRegular(path)),
  /** The same for a by-product: undefined as well if it cannot be read. */
  tryRead: (path: string): string | undefined => attempt(() => readRegular(path)).value,
  /** The text of a file that a person names: also of a pipe, such as the shell's `<(command)`, whose end it waits for. */
  readStream: (path: string): string | undefined => unless(MISSING, () => fs.readFileSync(path, 'utf8')),
  readBytes: (path: string): Buffer | undefined => unless(MISSING, () => fs.readFileSync(path)),
  /** The names in a directory, unsorted; empty if it does not exist. */
  list: (path: string): string[] => unless([...MISSING, 'EACCES'], () => fs.readdirSync(path)) ?? [],
  /** The target of a symbolic link; undefined if the path is not a link or cannot be read. */
  link: (path: string): string | undefined =>
    unless([...MISSING, 'EINVAL', 'EACCES'], () => fs.readlinkSync(path)),
  realPath: (path: string): string | undefined => unless(MISSING, () => fs.realpathSync(path)),
  kind: kindOf,
  unsafeComponent,
  holdDirectory,
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
        throw new CephflexError('ENORUNDIR', `${path} is not a directory owned by root with mode 0700`, {
          hint: `see what it is: "ls -ld ${path}"`,
        })
    } catch (error) {
      if (error instanceof CephflexError) throw error
      throw noRunFile(path, error)
    } finally {
      process.umask(previous)
    }
  },
  makeDirectory,
  /** Creates a file. Fails if the name exists, so that a planted link is never followed. */
  create: createFile,
  /** Replaces a file atomically: a reader sees the old text or the new one. */
  replace: (path: string, text: string): void => {
    const temporary = `${path}.${process.pid}`
    remove(temporary) // left by a killed process with the same pid
    createFile(temporary, text)
    try {
      fs.renameSync(temporary, path)
    } catch (error) {
      attempt(() => remove(temporary))
      throw error
    }
  },
  /** The same for a by-product, which a full or read-only disk may refuse. @returns the errno name if it did. */
  tryReplace: (path: string, text: string): string | undefined =>
    attempt(() => files.replace(path, text)).problem,
  append: appendToFile,
  /** Permission bits of a directory; undefined if it does not exist. */
  mode: (path: string): number | undefined => unless(MISSING, () => fs.lstatSync(path).mode & 0o7777),
  /** chmod(2). @returns false if that is not possible, as on an immutable directory or a read-only disk. */
  setMode: (path: string, mode: number): boolean =>
    attempt(() => fs.chmodSync(path, mode)).problem === undefined,
  /** When an entry was last added to a directory or removed from it, in ms since 1970; 0 if it does not exist. */
  changedAt: (path: string): number => unless(MISSING, () => fs.lstatSync(path).mtimeMs) ?? 0,
  size: (path: string): number => unless(MISSING, () => fs.statSync(path).size) ?? 0,
  rename: (from: string, to: string): void => fs.renameSync(from, to),
  /** Removes a file, if it exists. */
  remove,
  /** The same for a by-product, which may stay if it must. @returns the errno name if it stays. */
  tryRemove: (path: string): string | undefined => attempt(() => remove(path)).problem,
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
  /** The last bytes of an open file. */
  readFd: (fd: number, bytes: number): string => {
    const buffer = Buffer.alloc(bytes)
    const size = fs.fstatSync(fd).size
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
    try {
      remove(path) // left by a killed process with the same pid
      const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL, 0o600)
      fs.unlinkSync(path)
      return fd
    } catch (error) {
      throw noRunFile(path, error)
    }
  },
  /** @throws CephflexError ENORUNDIR if an open file in this directory cannot grow. */
  checkSpace: (directory: string, fd: number): void => {
    try {
      fs.writeSync(fd, ' ')
    } catch (error) {
      throw noRunFile(`${directory}/output`, error)
    }
  },
}

/** The errno name of a failed call, for example `ENOENT`. */
export function errno(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN'
}

/** The error of a file in the run directory that cannot be written: what is full, or what else is wrong. */
export function noRunFile(path: string, error: unknown): CephflexError {
  if (error instanceof CephflexError) return error
  const code = errno(error)
  const directory = dirname(path)
  if (!FULL.includes(code))
    return new CephflexError('ENORUNDIR', `${path} cannot be written: ${code}`, {
      hint: `see what is wrong with its directory: "ls -ld ${directory}" and "findmnt -T ${directory}"`,
    })
  return new CephflexError(
    'ENORUNDIR',
    `no space left in ${directory}: ${path} cannot be written (${code})`,
    {
      hint: `free space or inodes there: "df -h ${directory}" and "df -i ${directory}" show which`,
    },
  )
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

/** On a full disk, a part of the file would stay. */
function createFile(path: string, text: string): void {
  const fd = fs.openSync(path, 'wx', 0o600)
  try {
    fs.writeFileSync(fd, text)
  } catch (error) {
    attempt(() => remove(path))
    throw error
  } finally {
    fs.closeSync(fd)
  }
}

function remove(path: string): void {
  unless(MISSING, () => fs.unlinkSync(path))
}

/** The result of some work, or the errno name of its failure. */
function attempt<T>(work: () => T): { value?: T; problem?: string } {
  try {
    return { value: work() }
  } catch (error) {
    return { problem: errno(error) }
  }
}

function unless<T>(codes: readonly string[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (codes.includes(errno(error))) return undefined
    throw error
  }
}
