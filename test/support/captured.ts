import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Collects what is written while this is a list; otherwise output goes to its file descriptor. */
let written: [fd: number, text: string][] | undefined
const writeSync = fs.writeSync as (fd: number, bytes: Buffer, ...rest: unknown[]) => number
fs.writeSync = ((fd: number, bytes: Buffer, ...rest: unknown[]) => {
  if (written === undefined || fd > 2) return writeSync(fd, bytes, ...rest)
  written.push([fd, String(bytes)])
  return bytes.length
}) as typeof fs.writeSync
syncBuiltinESMExports()

/** Runs work of this process: its exit code, and what it wrote to standard output and standard error. */
export async function captured(
  work: () => number | Promise<number>,
): Promise<{ code: number; written: readonly [fd: number, text: string][] }> {
  const lines: [fd: number, text: string][] = []
  written = lines
  try {
    return { code: await work(), written: lines }
  } finally {
    written = undefined
  }
}
