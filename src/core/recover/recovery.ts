import type { Client } from '../mounters/index.js'
import type { OurMount } from '../node/inventory.js'
import { podVolumeOf } from '../target/pod-volume.js'

/** The outcome for one lost mount. */
export type RecoveryReport = {
  target: string
  client: Client
  /**
   * `gone`: it was unmounted, but not by this program. `hidden`: so it seems, but its client runs. `subPath`: only a
   * bind of the kubelet was dead, for a subPath of it. `unfinished`: it works, but the call that made it was killed.
   */
  was: 'dead' | 'evicted' | 'gone' | 'hidden' | 'unknown' | 'subPath' | 'unfinished'
  pod: { uid?: string | undefined; namespace?: string | undefined; name?: string; volume?: string }
  /** `needed`: a dry run. `healthy`: another process recovered it first. */
  outcome: 'recovered' | 'failed' | 'needed' | 'healthy'
  /** The pod does not see the new mount: a container of it must be restarted. */
  restart?: boolean
  /** Processes that still see the lost mount, each in a container of the pod, if its name is known. */
  holders?: { pid: number; name: string; container?: string }[]
  /** The kubelet's dead binds for subPaths that were detached: their containers can start again. */
  subPaths?: string[]
  code?: string
  message?: string
  hint?: string
}

/** What a report names its mount by. */
export function aboutMount(
  { target, client, state }: OurMount,
  was: RecoveryReport['was'],
): Pick<RecoveryReport, 'target' | 'client' | 'was' | 'pod'> {
  return { target, client, was, pod: { uid: podVolumeOf(target)?.uid, ...state?.pod } }
}

/** The lines that `cephflex recover` prints for one mount. */
export function recoveryLines({
  target,
  was,
  pod,
  outcome,
  restart,
  holders = [],
  subPaths = [],
  code,
  message,
  hint,
}: RecoveryReport): string[] {
  const lines = [
    `${outcome}: ${target} (${was}; pod ${podName(pod)})`,
    ...subPaths.map(path => `  detached ${path}: its container can start again`),
  ]
  if (restart) lines.push(`  ${restartAdvice(pod, containersOf(holders))}`)
  return code === undefined ? lines : [...lines, `  ${code}: ${message}`, `  hint: ${hint}`]
}

/** What to restart, and why. Without a name of a container, the pod. */
export function restartAdvice(pod: RecoveryReport['pod'], containers: readonly string[]): string {
  const name = podName(pod)
  const [what, it] =
    containers.length === 0
      ? [`the pod ${name}`, 'it']
      : [`container ${containers.join(', ')} of the pod ${name}`, containers.length === 1 ? 'it' : 'they']
  const does = it === 'it' ? 'does' : 'do'
  return `restart ${what}: ${it} ${does} not see the new mount (${it} would with mountPropagation: HostToContainer, and without subPath)`
}

/** The names of the containers, without those that are not known. */
export function containersOf(holders: readonly { container?: string }[]): string[] {
  return [...new Set(holders.flatMap(({ container }) => container ?? []))].sort()
}

/** `NAMESPACE/NAME` of the pod, or its uid if the name is unknown. */
export function podName({ namespace, name, uid }: RecoveryReport['pod']): string {
  return name === undefined ? (uid ?? '-') : `${namespace ?? 'default'}/${name}`
}
