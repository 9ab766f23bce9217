import { fileSystemsIn } from '../../core/dev-cluster/commands.js'
import { daemonsOf } from '../../core/dev-cluster/daemons.js'
import {
  type ClusterSpec,
  confPath,
  DAEMON_NAMES,
  type DaemonName,
  fileSystemsOf,
} from '../../core/dev-cluster/spec.js'
import { CephflexError } from '../../core/errors.js'
import type { ProcessInfo } from '../../core/target/process.js'
import { openRadosSession } from '../../system/ceph/rados-session.js'
import { waitUntilGone, waitUntilStopped } from '../../system/find-processes.js'
import { sendSignal } from '../../system/processes.js'
import { launch } from './boot.js'
import { readSpec, runningDaemons } from './state.js'

type DaemonStatus = {
  name: DaemonName
  /** `absent`: not part of this cluster. `dead`: should be running but is not. */
  state: 'running' | 'paused' | 'dead' | 'absent'
  pid?: number
}

export type ClusterStatus = {
  dir: string
  fsid: string
  daemons: DaemonStatus[]
  /** `unknown` when no monitor answers. */
  fileSystems: { name: string; state: 'active' | 'inactive' | 'unknown' }[]
  /** Every daemon is running and every file system is active. */
  ok: boolean
}

/** A running monitor answers within milliseconds. */
const STATUS_LIMIT_MS = 3_000

export const DAEMON_ACTIONS = ['pause', 'resume', 'kill', 'term', 'run'] as const
export type DaemonAction = (typeof DAEMON_ACTIONS)[number]

/** An OSD with a full memstore writes it to disk on SIGTERM. */
const EXIT_LIMIT_MS = 20_000

const STOP_LIMIT_MS = 5_000

const SIGNALS = { pause: 'SIGSTOP', resume: 'SIGCONT', kill: 'SIGKILL', term: 'SIGTERM' } as const

/**
 * The status of a cluster. Takes 0.1 s, at most 4 s if its monitor does not answer.
 *
 * @throws CephflexError ECLUSTER if there is no cluster in `directory`.
 */
export async function devClusterStatus(directory: string): Promise<ClusterStatus> {
  const spec = readSpec(directory)
  const running = runningDaemons(spec.dir)
  const expected = daemonsOf(spec)
  const daemons = DAEMON_NAMES.map(name => daemonStatus(name, expected.includes(name), running.get(name)))
  const isMonRunning = daemons.some(({ name, state }) => name === 'mon' && state === 'running')
  const fileSystems = await fileSystemStatus(spec, isMonRunning)
  const ok =
    daemons.every(({ state }) => state === 'running' || state === 'absent') &&
    fileSystems.length === fileSystemsOf(spec).length &&
    fileSystems.every(({ state }) => state === 'active')
  return { dir: spec.dir, fsid: spec.fsid, daemons, fileSystems, ok }
}

/**
 * Runs an action on one daemon. `pause` returns when it has stopped, `kill` and `term` when it has exited;
 * `run` when its process exists, which may be before it is ready.
 *
 * A memstore OSD keeps its objects across `term`, but not across `kill`.
 *
 * @throws CephflexError ECLUSTER if the daemon is not part of the cluster, is not running (for `run`: is running), or
 *   does not exit within 20 s.
 */
export async function controlDaemon(
  directory: string,
  name: DaemonName,
  action: DaemonAction,
): Promise<void> {
  const { dir, ...spec } = readSpec(directory)
  const refuse = (why: string) =>
    new CephflexError('ECLUSTER', `${name} in ${dir} ${why}`, {
      hint: `run: cephflex dev-cluster status ${dir}`,
    })
  if (!daemonsOf(spec).includes(name)) throw refuse('is not part of this cluster')
  const process = runningDaemons(dir).get(name)
  if (action === 'run') {
    if (process) throw refuse(`is already running as pid ${process.pid}`)
    await launch(dir, name)
    return
  }
  if (!process || !sendSignal(process, SIGNALS[action])) throw refuse('is not running')
  const problem = await missedEffect(process, action)
  if (problem !== undefined) throw refuse(problem)
}

/** Waits for the effect of a signal. @returns what did not happen in time. */
async function missedEffect(
  process: ProcessInfo,
  action: Exclude<DaemonAction, 'run'>,
): Promise<string | undefined> {
  if (action === 'resume') return undefined
  if (action === 'pause') {
    const hasStopped = await waitUntilStopped(process, STOP_LIMIT_MS)
    return hasStopped ? undefined : `did not stop within ${STOP_LIMIT_MS / 1000} s`
  }
  const left = await waitUntilGone([process], EXIT_LIMIT_MS)
  return left.length > 0 ? `did not exit within ${EXIT_LIMIT_MS / 1000} s` : undefined
}

function daemonStatus(name: DaemonName, isPart: boolean, process: ProcessInfo | undefined): DaemonStatus {
  if (!process) return { name, state: isPart ? 'dead' : 'absent' }
  return { name, state: process.state === 'T' ? 'paused' : 'running', pid: process.pid }
}

async function fileSystemStatus(
  spec: ClusterSpec,
  isMonRunning: boolean,
): Promise<ClusterStatus['fileSystems']> {
  const unknown = fileSystemsOf(spec).map(name => ({ name, state: 'unknown' as const }))
  if (!isMonRunning) return unknown
  const session = openRadosSession({
    conf: confPath(spec.dir),
    user: 'client.admin',
    timeoutMs: STATUS_LIMIT_MS,
  })
  try {
    const found = fileSystemsIn(await session.command('mon', { prefix: 'fs dump' }))
    return found.map(({ name, active }) => ({ name, state: active ? 'active' : 'inactive' }))
  } catch {
    return unknown
  } finally {
    await session.close()
  }
}
