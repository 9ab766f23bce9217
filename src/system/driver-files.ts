import { createHash, randomBytes } from 'node:crypto'
import * as sea from 'node:sea'
import { pipeline } from 'node:stream/promises'
import fs from 'fs-extra'
import { errno, files } from './files.js'

/**
 * Files of an installation, for `cephflex install`. A driver call never loads
 * this file. Every path is asked for by the caller; nothing is removed here
 * that was not made here.
 */
export const driverFiles = {
  /**
   * This program as a file; undefined in a checkout. Read through /proc: inside
   * a root directory that was entered by chroot, its path leads nowhere.
   */
  ownProgram: (): string | undefined => (sea.isSea() ? '/proc/self/exe' : undefined),
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
  /** The errno name if nothing can be written at a path, such as EROFS. */
  writeProblem: (path: string): Promise<string | undefined> => problemOf(fs.access(path, fs.constants.W_OK)),
  /** A new directory of mode 0755 named by a prefix and six random characters. */
  makeTemporaryDirectory: async (prefix: string): Promise<string> => {
    const path = await fs.mkdtemp(prefix)
    await fs.chmod(path, 0o755)
    return path
  },
  /** A name for a new file: a prefix and six random characters. */
  temporaryName: (prefix: string): string => `${prefix}${randomBytes(3).toString('hex')}`,
  /** Copies a program to a new file of mode 0755 that is on disk when this returns. */
  copyProgram: async (from: string, to: string): Promise<void> => {
    await fs.copyFile(from, to, fs.constants.COPYFILE_EXCL)
    await fs.chmod(to, 0o755)
    await driverFiles.flush(to)
  },
  /** fsync(2) of a file or directory; a file system that cannot do it is no failure. */
  flush: async (path: string): Promise<void> => {
    const fd = await fs.open(path, 'r')
    await fs.fsync(fd).catch(() => undefined)
    await fs.close(fd)
  },
  /** Removes the files directly in a directory, nothing below. @returns whether all are gone. */
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
