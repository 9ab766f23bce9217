/** What became of one mount that was lost. */
export type RecoveryReport = {
  target: string
  client: 'fuse' | 'kernel'
  /** `gone`: it was unmounted by somebody else. */
  was: 'dead' | 'evicted' | 'gone'
  pod: { uid?: string | undefined; namespace?: string; name?: string; volume?: string }
  /** `needed`: a dry run. `healthy`: somebody else was faster. */
  outcome: 'recovered' | 'failed' | 'needed' | 'healthy'
  /** The pod does not see the new mount: it must be restarted. */
  restart?: boolean
  /** Processes that still see the lost mount. */
  holders?: { pid: number; name: string }[]
  code?: string
  message?: string
  hint?: string
}

/** What a person is told about one mount, one line each. */
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

/** The pod as kubectl names it, else by its uid. */
export function podName({ namespace, name, uid }: RecoveryReport['pod']): string {
  return name === undefined ? (uid ?? '-') : `${namespace ?? 'default'}/${name}`
}
