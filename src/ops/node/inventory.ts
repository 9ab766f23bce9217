import { mounters } from '../../core/mounters/index.js'
import {
  accessPath,
  joinMounts,
  type MountHealth,
  type OurMount,
  wasMade,
} from '../../core/node/inventory.js'
import { type Inventory, inventoryOf } from '../../core/node/shared-clients.js'
import { type MountInfo, parseMountInfo } from '../../core/target/mount-table.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import { type MountState, parseMountState } from '../../core/target/state.js'
import { isBelow } from '../../core/text/paths.js'
import { shortHash } from '../../core/text/short-hash.js'
import type { System } from '../../system/system.js'
import { findKubelet, kubeletRoot } from '../kubelet/find-kubelet.js'
import { lifeOf } from '../namespaces/client-life.js'
import { foreignMounts } from '../namespaces/others.js'
import { isVisibleToRuntime } from '../namespaces/reach.js'
import { isEvicted } from '../target/evicted.js'
import { isUnknown, probeRoot, type RootHealth } from '../target/probe-root.js'
import { isSharedPath } from '../target/shared-directory.js'
import { runningClients } from './clients.js'

/** Mounts that are probed at the same time, each in a child process. */
const AT_ONCE = 8

/** Every mount of this driver on the node, as {@link takeInventory} finds them, without the shared clients. */
export function listMounts(system: System): readonly OurMount[] {
  return takeInventory(system).mounts
}

/**
 * Every mount of this driver on the node, also those that have a state file but are not mounted. Looks into the mount
 * namespaces of the kubelet and of the node as well, and into all others for a mount that is missing. Touches none.
 */
export function takeInventory(system: System): Inventory {
  return inventoryOf(joined(system, readStates(system)).filter(wasMade), path => isSharedPath(system, path))
}

/**
 * The targets on which a mount call works, or worked when it was killed, with their mount if it was made. None of them is
 * in another list if it was not.
 */
export function unfinishedMounts(system: System): OurMount[] {
  const states = readStates(system)
  // nearly always there is none, and no mount table is read
  if (!states.some(({ unfinished }) => unfinished)) return []
  return joined(system, states).filter(({ state }) => state?.unfinished)
}

function joined(system: System, states: readonly MountState[]): OurMount[] {
  const own = parseMountInfo(system.mountInfo())
  const mounted = new Set(own.map(({ mountPoint }) => mountPoint))
  const isMissing = states.some(({ target }) => !mounted.has(target))
  const foreign = foreignMounts(system, own, findKubelet(system)?.pid, isMissing)
  return joinMounts(own, states, ownership(system, own), foreign)
}

/**
 * Whether a mount without state was made by this driver: it is a volume of a kubelet on this node, or its client runs
 * with the files of this driver, or serves other targets of it.
 */
function ownership(system: System, own: readonly MountInfo[]): (target: string) => boolean {
  const { files, config } = system
  const roots = [kubeletRoot(system), ...config.kubeletRoots.map(root => files.realPath(root) ?? root)]
  let hashes: ReadonlySet<string> | undefined
  const hasClient = (target: string) => {
    hashes ??= new Set(runningClients(system).map(({ hash }) => hash))
    return hashes.has(shortHash(target))
  }
  const isShared = (target: string) => isSharedPath(system, target)
  const shared = new Set(own.filter(entry => isShared(entry.mountPoint)).map(({ device }) => device))
  const isBound = (target: string) =>
    own.some(({ mountPoint, device }) => mountPoint === target && shared.has(device))
  const isVolume = (target: string) =>
    podVolumeOf(target) !== undefined && (roots.some(root => isBelow(target, root)) || isBound(target))
  return target => isVolume(target) || isShared(target) || hasClient(target)
}

/** What is known of a volume that no mount table shows. `hidden`: its client runs. `unknown`: that cannot be known. */
export function absenceOf(system: System, { state }: OurMount): 'gone' | 'hidden' | 'unknown' {
  const life = state === undefined ? 'ended' : lifeOf(system, state)
  if (life === 'ended') return 'gone'
  return life === 'alive' ? 'hidden' : 'unknown'
}

/** What clients have answered so far: one answer serves every mount of a client. */
export type Answers = Map<string, Promise<[RootHealth, boolean]>>

/**
 * The health of a mount, probed in a child. A blocklisted ceph-fuse reports that
 * on its admin socket; the kernel client then refuses access to its own root.
 */
export async function healthOfMount(
  system: System,
  mount: OurMount,
  timeoutMs: number,
  answers: Answers = new Map(),
): Promise<MountHealth> {
  const { target, client, state, entry } = mount
  const { evictedRoot } = mounters[client]
  if (state?.process && lifeOf(system, state) === 'ended') return 'dead'
  const [root, evicted] = await answerOf(system, mount, timeoutMs, answers)
  if (evicted) return 'evicted'
  if (
    evictedRoot !== undefined &&
    typeof root === 'object' &&
    'problem' in root &&
    root.problem === evictedRoot
  )
    return 'evicted'
  if (root !== 'directory' || entry === undefined || podVolumeOf(target) === undefined) return healthOf(root)
  return isVisibleToRuntime(system, target, entry) === false ? 'hidden' : 'healthy'
}

function answerOf(
  system: System,
  mount: OurMount,
  timeoutMs: number,
  answers: Answers,
): Promise<[RootHealth, boolean]> {
  const { client, state } = mount
  const id = clientIdOf(mount)
  const answer =
    answers.get(id) ??
    Promise.all([
      probeRoot(system, accessPath(mount), timeoutMs),
      state && mounters[client].daemon ? isEvicted(system, state, timeoutMs) : false,
    ])
  answers.set(id, answer)
  return answer
}

/** What mounts of one client have in common: what one of them answers, the others do, too. */
export function clientIdOf({ state, entry, seenBy }: OurMount): string {
  return [entry?.device, entry?.root, seenBy?.pid, state?.adminSocket].join(' ')
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

function healthOf(root: RootHealth): MountHealth {
  if (isUnknown(root)) return 'unknown'
  if (root === 'directory') return 'healthy'
  if (root === 'dead' || root === 'hung') return root
  return 'broken'
}
