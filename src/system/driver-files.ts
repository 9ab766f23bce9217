import { createHash, randomBytes } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import fs from 'fs-extra'
import { engine } from './engine.js'
import { errno, files } from './files.js'

/**
 * Files of an installation, for `cephflex install`. A driver call never loads
 * this module. The caller names every path.
 */
export const driverFiles = {
  /**
   * This program as a file; undefined in a checkout. It is read through /proc:
   * after a chroot, its path does not exist.
   */
  ownProgram: (): string | undefined => (engine.isPackaged ? '/proc/self/exe' : undefined),
  /** SHA-256 of a file in hex; undefined if it cannot be read. */
  sha256: async (path: string): Promise<string | undefined> => {
    const hash = createHash('sha256')
    try {
      await pipeline(fs.createReadStream(path), hash)
      return hash.digest('hex')
    } catch {
      return undefined
    }
  },
  /** The errno name, such as EROFS, if a path is not writable; undefined if it is. */
  writeProblem: (path: string): Promise<string | undefined> => problemOf(fs.access(path, fs.constants.W_OK)),
  /** Creates a directory of mode 0755. Its name is the prefix and six random characters. */
  makeTemporaryDirectory: async (prefix: string): Promise<string> => {
    const path = await fs.mkdtemp(prefix)
    await fs.chmod(path, 0o755)
    return path
  },
  /** A name for a new file: the prefix and six random characters. */
  temporaryName: (prefix: string): string => `${prefix}${randomBytes(3).toString('hex')}`,
  /** Copies a program to a new file of mode 0755 and flushes it to disk. */
  copyProgram: async (from: string, to: string): Promise<void> => {
    await fs.copyFile(from, to, fs.constants.COPYFILE_EXCL)
    await fs.chmod(to, 0o755)
    await driverFiles.flush(to)
  },
  /** fsync(2) of a file or directory. A file system that does not support it is not an error. */
  flush: async (path: string): Promise<void> => {
    const fd = await fs.open(path, 'r')
    await fs.fsync(fd).catch(() => undefined)
    await fs.close(fd)
  },
  /** Removes the files in a directory, not in its subdirectories. @returns whether all were removed. */
  removeFilesIn: (directory: string): boolean =>
    files
      .list(directory)
      .map(name => `${directory}/${name}`)
      .filter(path => files.kind(path) === 'file')
      .map(isRemoved)
      .every(Boolean),
}

async function problemOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    return errno(error)
  }
}

function isRemoved(path: string): boolean {
  try {
    files.remove(path)
    return true
  } catch {
    return false
  }
}
