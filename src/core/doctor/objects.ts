import type { ObjectFinding } from '../kubelet/objects/finding.js'
import type { CheckResult } from './check.js'

/** Whether the kubelet calls the driver for a volume; nothing without objects of Kubernetes. */
export function checkObjects(findings: readonly ObjectFinding[] | undefined): CheckResult[] {
  if (findings === undefined) return []
  if (findings.length === 0)
    return [{ id: 'objects', status: 'pass', message: 'the kubelet calls the driver for this volume' }]
  return findings.map(({ status, field, message, fix }) => ({ id: `objects:${field}`, status, message, fix }))
}
