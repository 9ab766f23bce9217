import { type Deadline, startDeadline } from '../../core/deadline.js'
import { CLIENTS, clientOfDaemon, mounters } from '../../core/mounters/index.js'
import type { Daemon } from '../../core/mounters/mounter.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import type { ClientState } from '../../core/target/state.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { endEvicted, isEvicted } from './evicted.js'

/** Programs that a mount call starts. All others are left alone. */
const MOUNT_PROGRAMS = [...CLIENTS.flatMap(client => mounters[client].processes), 'systemd-run']

/** How long to wait for the daemon of a detached mount to flush and exit. */
const DAEMON_MS = 5_000
/** And then for its answer whether the cluster has evicted it. */
const ASK_MS = 1_000
/** Every unmount waits for a healthy daemon, which exits within milliseconds. After that, poll less often. */
const FIRST_POLL_MS = 1
const POLL_MS = 4
const FIRST_POLLS = 20
/** Ends the loop even if the clock stands still, as in a test. */
const MAX_POLLS = 2_000

/**
 * The daemon of a new mount. It stays in the process group of the program that
 * was started, and prints its pid on stderr.
 *
 * @param daemon undefined for a client without one.
 */
export function findDaemon(
  { processes }: System,
  daemon: Daemon | undefined,
  { pid: group, stderr }: Pick<RunResult, 'pid' | 'stderr'>,
): ProcessIdentity | undefined {
  if (daemon === undefined) return undefined
  const inGroup = (pid: number) => {
    const info = processes.processInfo(pid)
    return info?.group === group && info.state !== 'Z' && info.name === daemon.name ? info : undefined
  }
  for (const pid of [...daemon.pidsIn(stderr), ...processes.allPids()]) {
    const info = inGroup(pid)
    if (info) return { pid: info.pid, startTime: info.startTime }
  }
  return undefined
}

/**
 * Kills the mount programs that a killed call left running: they would mount
 * the target later, unexpectedly. Older ones are not its own: the client of
 * other targets may be among them, even if its state is lost.
 *
 * @param killed the process of that call.
 */
export function killStrays(
  system: System,
  target: string,
  except: ProcessIdentity | undefined,
  killed: ProcessIdentity,
): void {
  for (const stray of startedFor(system, target)) {
    const isOlder = Number(stray.startTime) < Number(killed.startTime)
    if (stray.pid === except?.pid || isOlder) continue
    system.log('stray', { pid: stray.pid })
    system.processes.sendSignal(stray, 'SIGKILL')
  }
}

/**
 * Waits for the daemon of a detached mount, at most until the call's deadline. Lets one that is stopped go on, so that it
 * flushes and exits. Kills it only if the cluster has evicted it: otherwise it may still be flushing data.
 */
export async function waitForDaemons(
  system: System,
  target: string,
  state: ClientState | undefined,
  deadline: Deadline,
): Promise<void> {
  const daemons = state?.process ? [state.process] : findLostDaemons(system, target)
  const limit = startDeadline(Math.min(DAEMON_MS, deadline.left()))
  for (const daemon of daemons) {
    resumeDaemon(system, daemon)
    if (await hasEnded(system, daemon, limit)) continue
    const isLost = state !== undefined && (await isEvicted(system, state, Math.min(ASK_MS, deadline.left())))
    if (isLost) endEvicted(system, state)
    else system.log('lingers', { pid: daemon.pid })
  }
}

/** Whether a process was stopped with SIGSTOP. One that a debugger has stopped is not. */
export function isStopped({ processes }: System, pid: number): boolean {
  return processes.processInfo(pid)?.state === 'T'
}

/** Lets a stopped daemon go on: it cannot flush and exit before. Harms none that runs. */
export function resumeDaemon(system: System, daemon: ProcessIdentity): void {
  if (!isStopped(system, daemon.pid)) return
  system.log('resumed', { pid: daemon.pid })
  system.processes.sendSignal(daemon, 'SIGCONT')
}

/** Waits until a process has exited. @returns false if it still runs at the limit. */
export async function hasEnded(
  { processes, sleep }: System,
  daemon: ProcessIdentity,
  limit: Deadline,
): Promise<boolean> {
  for (let polls = 0; polls < MAX_POLLS && processes.isAlive(daemon); polls += 1) {
    if (limit.left() <= 0) return false
    await sleep(polls < FIRST_POLLS ? FIRST_POLL_MS : POLL_MS)
  }
  return !processes.isAlive(daemon)
}

/** Finds the daemon of a mount whose state was lost. */
function findLostDaemons(system: System, target: string): ProcessIdentity[] {
  return startedFor(system, target).filter(
    ({ pid }) => clientOfDaemon(system.processes.processInfo(pid)?.name) !== undefined,
  )
}

/** Running mount programs that were started for this target, recognised by their arguments. */
function startedFor({ processes }: System, target: string): ProcessIdentity[] {
  return processes.allPids().flatMap(pid => {
    const info = processes.processInfo(pid)
    // the name first: reading the arguments of a stuck process may block
    if (!info || info.state === 'Z' || !MOUNT_PROGRAMS.includes(info.name)) return []
    return processes.argvOf(pid).includes(target) ? [info] : []
  })
}
