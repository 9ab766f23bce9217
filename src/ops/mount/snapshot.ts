import type { Deadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { printable, shownPath } from '../../core/text/printable.js'
import type { SnapshotPath } from '../../core/volume/snapshot-path.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { bindMount } from '../target/bind-mount.js'
import { makeStage } from '../target/stage.js'
import type { Attempt } from './attempt.js'
import { kindsAlong } from './kinds-along.js'
import { mountAndVerify } from './mount-and-verify.js'

const STEP_MS = 5_000
const MAX_NAMES = 5

/**
 * Mounts a snapshot, which neither client mounts by its path: mounts its directory read-only on a private stage,
 * bind-mounts the snapshot from there on the target, and detaches the stage.
 *
 * Every part of the path must be a directory. A snapshot does not change, so no link can lead elsewhere.
 *
 * @throws CephflexError ENOPATH, ENOTDIR, EDEAD, ENOMOUNT, and what {@link mountAndVerify} throws.
 */
export async function mountSnapshot(
  system: System,
  attempt: Attempt,
  snapshot: SnapshotPath,
): Promise<RunResult> {
  const { owner, target, deadline } = attempt
  const stage = makeStage(system, owner, deadline, 'snapshot')
  const volume = { ...attempt.volume, path: snapshot.directory, readOnly: true }
  try {
    const result = await mountAndVerify(system, { ...attempt, target: stage.target, volume })
    await requireSnapshot(system, stage.target, snapshot, deadline)
    const source = { mount: stage.target, within: snapshot.within }
    await bindMount(system, source, target, deadline, `the snapshot could not be bind-mounted on ${target}`)
    return result
  } catch (error) {
    const { code, message, hint } = toCephflexError(error)
    if (code !== 'EDENIED') throw error
    throw new CephflexError(code, `${message}; a snapshot is mounted through its directory`, { hint })
  } finally {
    await stage.clear()
  }
}

async function requireSnapshot(
  system: System,
  stage: string,
  snapshot: SnapshotPath,
  deadline: Deadline,
): Promise<void> {
  const { kinds, problem = '' } = await kindsAlong(system, stage, snapshot.within, deadline)
  const odd = kinds.findIndex(kind => kind !== 'directory')
  if (odd !== -1) throw notDirectory(snapshot, odd, kinds[odd] ?? '')
  if (kinds.length === snapshot.within.split('/').length) return
  if (/No such file/.test(problem)) throw await missing(system, stage, snapshot, kinds.length, deadline)
  const text = `the snapshots of ${shownPath(snapshot.directory)} do not answer: ${problem}`
  throw new CephflexError('EDEAD', text)
}

function notDirectory({ directory, within }: SnapshotPath, at: number, kind: string): CephflexError {
  const names = within.split('/').slice(0, at + 1)
  return new CephflexError(
    'ENOTDIR',
    `${shownPath([directory, ...names].join('/'))} is a ${kind}, not a directory`,
  )
}

async function missing(
  system: System,
  stage: string,
  { directory, within }: SnapshotPath,
  found: number,
  deadline: Deadline,
): Promise<CephflexError> {
  const [snapdir = '', name = '', ...below] = within.split('/')
  const of = shownPath(directory)
  if (found === 0)
    return new CephflexError('ENOPATH', `${of} has no snapshots: there is no ${printable(snapdir)} in it`)
  if (found > 1)
    return new CephflexError(
      'ENOPATH',
      `${shownPath(below.join('/'))} does not exist in the snapshot ${printable(name)} of ${of}`,
    )
  const timeoutMs = deadline.share(1, 500, STEP_MS)
  const { stdout } = await system.run('ls', ['-1', '--', `${stage}/${snapdir}`], {
    timeoutMs,
    isCleanup: true,
  })
  const names = stdout.split('\n').filter(Boolean)
  const list = names.slice(0, MAX_NAMES).map(other => printable(other))
  const known =
    names.length === 0
      ? 'it has none'
      : `it has ${list.join(', ')}${names.length > MAX_NAMES ? ' and others' : ''}`
  return new CephflexError('ENOPATH', `there is no snapshot ${printable(name)} of ${of}: ${known}`, {
    hint: `list them in ${printable(snapdir)} of the directory, and correct the volume option path`,
  })
}
