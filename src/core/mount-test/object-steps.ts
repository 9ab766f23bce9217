import type { ObjectFinding } from '../kubelet/objects/finding.js'
import { OBJECTS, type StepResult } from './steps.js'

/** The first steps of a test: whether the kubelet calls the driver for these objects at all. */
export function objectSteps(findings: readonly ObjectFinding[] | undefined): StepResult[] {
  if (findings === undefined) return []
  if (findings.length === 0)
    return [{ name: OBJECTS, ok: true, ms: 0, note: 'the kubelet calls the driver for this volume' }]
  return findings.map(({ status, message, fix }) => ({
    name: OBJECTS,
    ok: status === 'warn',
    ms: 0,
    note: `${status === 'warn' ? 'warning: ' : ''}${message}; ${fix}`,
  }))
}
