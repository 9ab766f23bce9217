import { CephflexError } from '../../core/errors.js'
import type { OurMount } from '../../core/node/inventory.js'
import type { RecoveryReport } from '../../core/recover/recovery.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'
import { absenceOf, healthOfMount } from '../node/inventory.js'
import { type BindTables, findStaleBinds } from './sub-paths.js'

const PROBE_MS = 2_500

/** Why a mount must be made again; undefined if it is healthy or waiting may help. */
export async function damageOf(
  system: System,
  mount: OurMount,
  tables: BindTables,
): Promise<RecoveryReport['was'] | undefined> {
  if (mount.entry) {
    const health = await healthOfMount(system, mount, PROBE_MS)
    if (health === 'dead' || health === 'evicted') return health
    return health === 'healthy' && findStaleBinds(tables, mount.target).length > 0 ? 'subPath' : undefined
  }
  // another target may have been unmounted on purpose; for a pod's volume the kubelet would have called `unmount`
  const isExpected =
    podVolumeOf(mount.target) !== undefined && system.files.kind(mount.target) === 'directory'
  return isExpected ? absenceOf(system, mount) : undefined
}

/** Why a mount must not be made here: its client lives, or may live, or the mount is in another mount namespace. */
export function reachProblem(
  { state, seenBy }: OurMount,
  was: RecoveryReport['was'],
): CephflexError | undefined {
  if (seenBy)
    return new CephflexError(
      'EHIDDEN',
      `it is mounted in the mount namespace of process ${seenBy.pid} (${seenBy.name})`,
      {
        hint: `run this command there: nsenter --target ${seenBy.pid} --mount`,
      },
    )
  if (was === 'hidden')
    return new CephflexError('EHIDDEN', `its client, process ${state?.process?.pid}, still runs`, {
      hint: 'delete the pod: the kubelet then unmounts the volume and mounts it again',
    })
  if (was !== 'unknown') return undefined
  return new CephflexError('EHIDDEN', 'it is not known whether its client still runs', {
    hint: 'run this command where it sees the processes of the node; in a pod, set hostPID',
  })
}
