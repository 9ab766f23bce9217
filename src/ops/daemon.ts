import type { ProcessIdentity } from '../core/process.js'
import type { System } from '../system/system.js'

/** Programs that a mount call starts; anything else is left alone. */
const OURS = ['ceph-fuse', 'mount', 'mount.ceph', 'systemd-run']

/** Running mount programs that were started for this target, told by their arguments. */
const startedFor = ({ processes }: System, target: string): ProcessIdentity[] =>
  processes.allPids().flatMap(pid => {
    const info = processes.processInfo(pid)
    // the name first: reading the arguments of an arbitrary process that is stuck may block
    if (!info || info.state === 'Z' || !OURS.includes(info.name)) return []
    return processes.argvOf(pid).includes(target) ? [info] : []
  })

/**
 * The ceph-fuse daemon of a mount that has just been made: it stays in the
 * process group of the program that was started, and says its pid on stderr.
 */
export const findDaemon = (system: System, group: number, stderr: string): ProcessIdentity | undefined => {
  const { processes } = system
  const said = [...stderr.matchAll(/ceph-fuse\[(\d+)\]: starting fuse/g)].map(match => Number(match[1]))
  const inGroup = (pid: number) => {
    const info = processes.processInfo(pid)
    return info?.group === group && info.state !== 'Z' && info.name === 'ceph-fuse' ? info : undefined
  }
  for (const pid of [...said, ...processes.allPids()]) {
    const info = inGroup(pid)
    if (info) return { pid: info.pid, startTime: info.startTime }
  }
  return undefined
}

/** Finds the daemon of a mount whose state was lost. */
export const findLostDaemons = (system: System, target: string): ProcessIdentity[] =>
  startedFor(system, target).filter(({ pid }) => system.processes.processInfo(pid)?.name === 'ceph-fuse')

/**
 * Ends what a call that was killed in the middle left running: a mount program
 * of that call would otherwise mount the target later, when nobody expects it.
 */
export const killStrays = (system: System, target: string, except: ProcessIdentity | undefined): void => {
  for (const stray of startedFor(system, target)) {
    if (stray.pid === except?.pid) continue
    system.log('stray', { pid: stray.pid })
    system.processes.killProcess(stray, 'SIGKILL')
  }
}

const POLL_MS = 4

/** Waits for a daemon to end. @returns whether it did. */
export const waitForEnd = async (
  system: System,
  daemon: ProcessIdentity,
  timeoutMs: number,
): Promise<boolean> => {
  const end = performance.now() + timeoutMs
  while (system.processes.isAlive(daemon)) {
    if (performance.now() > end) return false
    await system.sleep(POLL_MS)
  }
  return true
}
