import { joinMounts, type MountHealth, type OurMount } from '../../core/node/inventory.js'
import { parseMountInfo } from '../../core/target/mount-table.js'
import { type MountState, parseMountState } from '../../core/target/state.js'
import { askAdminSocket } from '../../system/ceph/admin-socket.js'
import type { System } from '../../system/system.js'
import { kubeletRoot } from '../kubelet/find-kubelet.js'
import { isUnknown, probeRoot, type RootHealth } from '../target/probe-root.js'

/** Mounts that are probed at the same time, each in a child process. */
const AT_ONCE = 8

/** The field of a client's status, in newer and older releases, that is true once it is blocklisted. */
const BLOCKLISTED_FIELDS = ['blocklisted', 'blacklisted']

/** Every mount of this driver on the node, also those that have a state file but are not mounted. Touches none of them. */
export function listMounts(system: System): OurMount[] {
  return joinMounts(parseMountInfo(system.mountInfo()), readStates(system), kubeletRoot(system))
}

/**
 * The health of a mount, probed in a child. A blocklisted ceph-fuse reports that
 * on its admin socket; the kernel client then refuses access to its own root.
 */
export async function healthOfMount(
  system: System,
  { target, client, state }: OurMount,
  timeoutMs: number,
): Promise<MountHealth> {
  if (state?.process && !system.processes.isAlive(state.process)) return 'dead'
  const [root, status] = await Promise.all([
    probeRoot(system, target, timeoutMs),
    state && client === 'fuse' ? askAdminSocket(state.adminSocket, 'status', timeoutMs) : undefined,
  ])
  if (isBlocklisted(status)) return 'evicted'
  if (
    client === 'kernel' &&
    typeof root === 'object' &&
    'problem' in root &&
    root.problem === 'Permission denied'
  )
    return 'evicted'
  return healthOf(root)
}

/** Does `work` for every item, eight at a time, and keeps their order. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}

function readStates({ files, config, bootId }: System): MountState[] {
  const directory = `${config.runDirectory}/state`
  const boot = bootId()
  return files
    .list(directory)
    .filter(name => name.endsWith('.json'))
    .flatMap(name => parseMountState(files.tryRead(`${directory}/${name}`), boot) ?? [])
}

function isBlocklisted(status: unknown): boolean {
  return (
    typeof status === 'object' &&
    status !== null &&
    Object.entries(status).some(([name, value]) => BLOCKLISTED_FIELDS.includes(name) && value === true)
  )
}

function healthOf(root: RootHealth): MountHealth {
  if (isUnknown(root)) return 'unknown'
  if (root === 'directory') return 'healthy'
  if (root === 'dead' || root === 'hung') return root
  return 'broken'
}
