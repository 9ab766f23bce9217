import { type ProcessIdentity, type ProcessInfo, parseProcessStat } from '../core/target/process.js'
import { errno, files } from './files.js'

/** The arguments of a process; empty if it has exited or is a kernel thread. */
export function argvOf(pid: number): string[] {
  return (files.read(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1)
}

/** The memory that a process has in use, in bytes; undefined if it has exited. */
export function memoryOf(pid: number): number | undefined {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(files.read(`/proc/${pid}/status`) ?? '') ?? []
  return kib === undefined ? undefined : Number(kib) * 1024
}

/** Sends a signal to exactly this process, never to a later one with its pid. @returns false if it has exited. */
export function sendSignal(
  identity: ProcessIdentity,
  signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT',
): boolean {
  if (!isAlive(identity)) return false
  try {
    process.kill(identity.pid, signal)
    return true
  } catch {
    return false
  }
}

/** Whether exactly this process still runs. A zombie counts as exited. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const info = processInfo(pid)
  return info !== undefined && info.startTime === startTime && info.state !== 'Z'
}

/**
 * Processes that keep a mount busy through a directory or an open file. Reads only links in /proc, which never
 * touches the mounted file system; reading the mappings could block on a process that hangs in it.
 */
export function holdersOf(mountPoint: string): ProcessInfo[] {
  return allPids()
    .filter(pid => pid !== process.pid && usesMount(pid, mountPoint))
    .flatMap(pid => processInfo(pid) ?? [])
}

export function processInfo(pid: number): ProcessInfo | undefined {
  const text = files.read(`/proc/${pid}/stat`)
  return text === undefined ? undefined : parseProcessStat(text)
}

export function allPids(): number[] {
  return files
    .list('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
}

function usesMount(pid: number, mountPoint: string): boolean {
  const below = (path: string | undefined) =>
    path !== undefined && (path === mountPoint || path.startsWith(`${mountPoint}/`))
  try {
    if (below(files.link(`/proc/${pid}/cwd`)) || below(files.link(`/proc/${pid}/root`))) return true
    return files.list(`/proc/${pid}/fd`).some(fd => below(files.link(`/proc/${pid}/fd/${fd}`)))
  } catch (error) {
    if (errno(error) === 'EACCES' || errno(error) === 'EPERM') return false
    throw error
  }
}
