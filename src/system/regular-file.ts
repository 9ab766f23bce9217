import * as fs from 'node:fs'

const { O_APPEND, O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants

/** The text of a file. @throws Error with the errno name, EFTYPE for anything but a regular file; never waits. */
export function readRegular(path: string): string {
  return withRegular(path, O_RDONLY, fd => fs.readFileSync(fd, 'utf8'))
}

/** Appends to a file, and creates it if it is missing. @throws as {@link readRegular}; also ELOOP for a symbolic link. */
export function appendToFile(path: string, text: string): void {
  withRegular(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, fd => fs.writeFileSync(fd, text))
}

/** O_NONBLOCK: otherwise opening a FIFO waits for its other end. It has no effect on a regular file. */
function withRegular<T>(path: string, flags: number, work: (fd: number) => T): T {
  const fd = fs.openSync(path, flags | O_NONBLOCK | O_NOCTTY, 0o600)
  try {
    const stat = fs.fstatSync(fd)
    if (stat.isFile()) return work(fd)
    const code = stat.isDirectory() ? 'EISDIR' : 'EFTYPE'
    throw Object.assign(new Error(`${path} is not a regular file`), { code })
  } finally {
    fs.closeSync(fd)
  }
}
