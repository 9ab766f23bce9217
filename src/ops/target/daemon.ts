import { type Deadline, startDeadline } from '../../core/deadline.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import type { MountState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'

/** Programs that a mount call starts; anything else is left alone. */
const OURS = ['ceph-fuse', 'mount', 'mount.ceph', 'systemd-run']

/** How long the daemon of a detached mount may take to write out and leave, before we stop watching it. */
const DAEMON_MS = 5_000
/** A healthy one leaves within some milliseconds, and every unmount waits for it: then not so often. */
const FIRST_POLL_MS = 1
const POLL_MS = 4
const FIRST_POLLS = 20
/** A clock that stands still (in a test) must not make it endless. */
const MOST_POLLS = 2_000

/**
 * The ceph-fuse daemon of a mount that has just been made: it stays in the
 * process group of the program that was started, and says its pid on stderr.
 */
export function findDaemon(system: System, group: number, stderr: string): ProcessIdentity | undefined {
  const { processes } = system
  const reported = [...stderr.matchAll(/ceph-fuse\[(\d+)\]: starting fuse/g)].map(match => Number(match[1]))
  const inGroup = (pid: number) => {
    const info = processes.processInfo(pid)
    return info?.group === group && info.state !== 'Z' && info.name === 'ceph-fuse' ? info : undefined
  }
  for (const pid of [...reported, ...processes.allPids()]) {
    const info = inGroup(pid)
    if (info) return { pid: info.pid, startTime: info.startTime }
  }
  return undefined
}

/**
 * Ends what a call that was killed in the middle left running: a mount program
 * of that call would otherwise mount the target later, when nobody expects it.
 */
export function killStrays(system: System, target: string, except: ProcessIdentity | undefined): void {
  for (const stray of startedFor(system, target)) {
    if (stray.pid === except?.pid) continue
    system.log('stray', { pid: stray.pid })
    system.processes.sendSignal(stray, 'SIGKILL')
  }
}

/**
 * Waits for the daemon of a mount that was detached, but not beyond the deadline of the call. It may still be writing,
 * and is never killed for that.
 */
export async function waitForDaemons(
  system: System,
  target: string,
  state: MountState | undefined,
  deadline: Deadline,
): Promise<void> {
  const daemons = state?.process ? [state.process] : findLostDaemons(system, target)
  const limit = startDeadline(Math.min(DAEMON_MS, deadline.left()))
  for (const daemon of daemons)
    if (!(await hasEnded(system, daemon, limit))) system.log('lingers', { pid: daemon.pid })
}

/** Waits until a process is gone. @returns false if it is still there when the patience is over. */
export async function hasEnded(
  { processes, sleep }: System,
  daemon: ProcessIdentity,
  limit: Deadline,
): Promise<boolean> {
  for (let polls = 0; polls < MOST_POLLS && processes.isAlive(daemon); polls += 1) {
    if (limit.left() <= 0) return false
    await sleep(polls < FIRST_POLLS ? FIRST_POLL_MS : POLL_MS)
  }
  return !processes.isAlive(daemon)
}

/** Finds the daemon of a mount whose state was lost. */
function findLostDaemons(system: System, target: string): ProcessIdentity[] {
  return startedFor(system, target).filter(
    ({ pid }) => system.processes.processInfo(pid)?.name === 'ceph-fuse',
  )
}

/** Running mount programs that were started for this target, told by their arguments. */
function startedFor({ processes }: System, target: string): ProcessIdentity[] {
  return processes.allPids().flatMap(pid => {
    const info = processes.processInfo(pid)
    // the name first: reading the arguments of an arbitrary process that is stuck may block
    if (!info || info.state === 'Z' || !OURS.includes(info.name)) return []
    return processes.argvOf(pid).includes(target) ? [info] : []
  })
}
