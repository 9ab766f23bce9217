import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileSystemCommands, fileSystemsIn, newOsd } from '../../core/dev-cluster/commands.js'
import {
  daemonArgv,
  daemonsOf,
  type Invocation,
  monStoreTools,
  osdStoreTool,
} from '../../core/dev-cluster/daemons.js'
import {
  type ClusterSpec,
  confPath,
  type DaemonName,
  fileSystemsOf,
  outputPath,
} from '../../core/dev-cluster/spec.js'
import { CephflexError } from '../../core/errors.js'
import { openRadosSession, type RadosSession } from '../../system/ceph/rados-session.js'
import { files } from '../../system/files.js'
import { waitForPort } from '../../system/network/ports.js'
import { runProgram, type SpawnedDaemon, spawnDaemon } from '../../system/programs.js'
import type { Supervision } from './supervise.js'

/** Creating a store takes 0.1 s, on a slow disk several seconds. */
const TOOL_LIMIT_MS = 60_000
const COMMAND_LIMIT_MS = 30_000
const POLL_MS = 10
/** Lines of a log that an error message quotes. */
const TAIL_LINES = 8

type Phase = (name: string) => void

/**
 * Boots a cluster whose files are written: stores, daemons, file systems, in
 * the order with the least waiting. Returns when each file system has an active
 * MDS and the manager, if requested, answers.
 *
 * @param phase called after each phase.
 * @throws CephflexError ECLUSTER with the last lines of what failed, or the reason of the abort.
 */
export async function boot(
  spec: ClusterSpec,
  { signal, failWhen }: Supervision,
  phase: Phase,
): Promise<void> {
  const { dir } = spec
  const start = async (name: DaemonName) => {
    const { exited } = await launch(dir, name)
    failWhen(exited, () => failed(dir, name, lastOutputOf(dir, name)))
  }
  const uuid = randomUUID()
  const store = runToEnd(dir, osdStoreTool(dir, uuid), signal)
  store.catch(() => undefined)
  for (const tool of monStoreTools(spec)) await runToEnd(dir, tool, signal)
  phase('monitor store')
  await start('mon')
  // the session's Python starts at the same time as the monitor
  const session = openRadosSession({ conf: confPath(dir), user: 'client.admin', timeoutMs: COMMAND_LIMIT_MS })
  const closeSession = () => void session.close()
  signal.addEventListener('abort', closeSession)
  try {
    await waitForPort(spec.address, spec.v2Port, signal)
    phase('monitor is listening')
    await session.connect()
    phase('connected')
    await startRest(spec, { session, start, phase, signal, osd: { uuid, store } })
  } finally {
    signal.removeEventListener('abort', closeSession)
    await session.close()
  }
}

/** Starts a daemon of a cluster whose files exist. It outlives this process. */
export function launch(dir: string, name: DaemonName): Promise<SpawnedDaemon> {
  const { program, argv } = daemonArgv(dir, name)
  return spawnDaemon(program, argv, { logFile: outputPath(dir, name), cwd: dir })
}

/** The output of a daemon, or its log if it printed nothing. */
function lastOutputOf(dir: string, name: DaemonName): string {
  const output = files.read(outputPath(dir, name)) ?? ''
  const log = files.list(`${dir}/log`).find(file => file.startsWith(`ceph-${name}.`))
  return output.trim() === '' && log !== undefined ? (files.read(`${dir}/log/${log}`) ?? '') : output
}

async function runToEnd(
  dir: string,
  { name, program, argv }: Invocation,
  signal: AbortSignal,
): Promise<void> {
  const { exitCode, stdout, stderr } = await runProgram(program, argv, {
    timeoutMs: TOOL_LIMIT_MS,
    signal,
    cwd: dir,
  })
  if (exitCode !== 0) throw failed(dir, name, `${stdout}\n${stderr}`)
}

function failed(dir: string, name: string, text: string): CephflexError {
  const lines = text
    .split('\n')
    .filter(line => line.trim())
    .slice(-TAIL_LINES)
  return new CephflexError(
    'ECLUSTER',
    [`${name} exited while the cluster was starting in ${dir}:`, ...lines].join('\n  '),
    {
      hint: 'the cluster was removed; fix the problem that the lines above report',
    },
  )
}

/** Everything after the monitor. `osd.store` settles when the OSD's store has been created. */
async function startRest(
  spec: ClusterSpec,
  {
    session,
    start,
    phase,
    signal,
    osd,
  }: {
    session: RadosSession
    start: (name: DaemonName) => Promise<void>
    phase: Phase
    signal: AbortSignal
    osd: { uuid: string; store: Promise<void> }
  },
) {
  for (const name of daemonsOf(spec)) if (name !== 'mon' && name !== 'osd') await start(name)
  await session.command('mon', newOsd(osd.uuid))
  await osd.store
  await start('osd')
  phase('daemons started')
  for (const command of fileSystemCommands(spec)) await session.command('mon', command)
  phase('file systems created')
  await until(allActive(session, fileSystemsOf(spec).length), signal)
  phase('MDS active')
  if (!spec.mgr) return
  await until(managerAnswers(session), signal)
  phase('manager answers')
}

/** Waits for a condition that only the cluster can make true; the signal is the deadline. */
async function until(isTrue: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await isTrue())) await sleep(POLL_MS, undefined, { signal })
}

function allActive(session: RadosSession, wanted: number) {
  return async (): Promise<boolean> => {
    const systems = fileSystemsIn(await session.command('mon', { prefix: 'fs dump' }))
    return systems.filter(({ active }) => active).length >= wanted
  }
}

function managerAnswers(session: RadosSession) {
  return async (): Promise<boolean> =>
    (await session.ask('mgr', { prefix: 'fs subvolume ls', vol_name: 'cephfs' })).code === 0
}
