import type { Client } from '../mounters/index.js'

/** The outcome for one lost mount. */
export type RecoveryReport = {
  target: string
  client: Client
  /** `gone`: it was unmounted, but not by this program. `hidden`: so it seems, but its client runs. */
  was: 'dead' | 'evicted' | 'gone' | 'hidden' | 'unknown'
  pod: { uid?: string | undefined; namespace?: string; name?: string; volume?: string }
  /** `needed`: a dry run. `healthy`: another process recovered it first. */
  outcome: 'recovered' | 'failed' | 'needed' | 'healthy'
  /** The pod does not see the new mount: it must be restarted. */
  restart?: boolean
  /** Processes that still see the lost mount. */
  holders?: { pid: number; name: string }[]
  code?: string
  message?: string
  hint?: string
}

/** The lines that `cephflex recover` prints for one mount. */
export function recoveryLines({
  target,
  was,
  pod,
  outcome,
  restart,
  code,
  message,
  hint,
}: RecoveryReport): string[] {
  const head = `${outcome}: ${target} (${was}; pod ${podName(pod)})`
  if (outcome === 'failed') return [head, `  ${code}: ${message}`, `  hint: ${hint}`]
  if (!restart) return [head]
  return [
    head,
    `  restart the pod ${podName(pod)}: it does not see the new mount (it would with mountPropagation: HostToContainer)`,
  ]
}

/** `NAMESPACE/NAME` of the pod, or its uid if the name is unknown. */
export function podName({ namespace, name, uid }: RecoveryReport['pod']): string {
  return name === undefined ? (uid ?? '-') : `${namespace ?? 'default'}/${name}`
}
