import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import type { MountRequest } from '../../core/target/mount-request.js'
import { isCephFS, type MountInfo, mountedOn } from '../../core/target/mount-table.js'
import { identityOf, isSameVolume, type MountState } from '../../core/target/state.js'
import { errno } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { lifeOf } from '../namespaces/client-life.js'
import { isUnknown, probeRoot } from '../target/probe-root.js'

const PROBE_MS = 5_000

/** What a mount call finds on its target: nothing, a healthy mount of its volume, or a mount to remove first. */
export type ExistingMount = 'none' | 'ours' | 'replace'

/**
 * Inspects the target. Never reports a dead mount or a mount of another volume
 * as `ours`: the kubelet would believe it and not call again.
 *
 * @throws CephflexError EOCCUPIED if another file system is mounted there, EDEAD if this volume is
 *   mounted and hangs.
 */
export async function inspectTarget(
  system: System,
  { target, volume }: MountRequest,
  state: MountState | undefined,
  deadline: Deadline,
): Promise<ExistingMount> {
  const entries = mountedOn(system.mountInfo(), target)
  const foreign = entries.find(entry => !isCephFS(entry))
  if (foreign) throw new CephflexError('EOCCUPIED', `${target} already has a mount of type ${foreign.fsType}`)
  if (entries.length === 0) return 'none'
  if (!serves(entries, state, volume) || (state?.process && lifeOf(system, state) === 'ended'))
    return 'replace'
  const health = await probeRoot(system, target, deadline.share(1, 1_000, PROBE_MS))
  if (isUnknown(health)) throw health.unknown
  // it recovers with the cluster, and may be in use
  if (health === 'hung') throw new CephflexError('EDEAD', `${target} is already mounted but does not answer`)
  return health === 'directory' ? 'ours' : 'replace'
}

/** Whether these mounts of a target are those of its state, for this volume. */
function serves(
  entries: readonly MountInfo[],
  state: MountState | undefined,
  volume: MountRequest['volume'],
): boolean {
  if (state === undefined || !isSameVolume(state.volume, identityOf(volume))) return false
  // a pod must not write through a mount that has lost its option
  if (volume.readOnly && !entries.at(-1)?.options.includes('ro')) return false
  return entries.length === 1 || state.recovered === true
}

/**
 * Makes sure that the target is an empty directory, and creates it if the call
 * asks for it. Call only when nothing is mounted there: accesses it from this process.
 *
 * @returns the directories that were created, the deepest first.
 * @throws CephflexError ENOTARGET, ENOTEMPTY, EBADREQUEST if it is not a directory.
 */
export function prepareTarget({ files }: System, { target, makeTarget }: MountRequest): string[] {
  const kind = files.kind(target)
  if (kind === 'missing') {
    if (makeTarget) return createTarget(files, target)
    throw new CephflexError('ENOTARGET', `${target} does not exist`)
  }
  if (kind !== 'directory')
    throw new CephflexError(
      'EBADREQUEST',
      `${target} is ${kind === 'link' ? 'a symbolic link' : 'not a directory'}`,
    )
  const names = files.list(target)
  if (names.length > 0)
    throw new CephflexError('ENOTEMPTY', `${target} contains ${names.slice(0, 3).join(', ')}`)
  return []
}

function createTarget(files: System['files'], target: string): string[] {
  try {
    return files.makeDirectory(target, 0o750)
  } catch (error) {
    throw new CephflexError('ENOTARGET', `${target} cannot be created: ${errno(error)}`, {
      hint: `check its disk with "df -h" and "df -i"`,
    })
  }
}
