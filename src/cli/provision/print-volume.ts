import { CephflexError } from '../../core/errors.js'
import type { ClaimRef } from '../../core/provision/names.js'
import { describeStep } from '../../core/provision/steps.js'
import type { Outcome } from '../../ops/provision/volumes.js'
import type { CommandIo } from '../terminal/command-io.js'
import type { AccessFlags } from './admin-access.js'

/** The flags that most commands for volumes have. */
export type VolumeCommandFlags = AccessFlags & {
  json?: boolean
  dryRun?: boolean
  claim?: string
}

type CompletedChange = { outcome: Outcome; text: string; claimRoot: string }

/** The claim in `--claim NAMESPACE/NAME`. @throws CephflexError EBADVOLUME. */
export function claimOf(text: string | undefined): ClaimRef | undefined {
  if (text === undefined) return undefined
  const [namespace = '', name = '', more] = text.split('/')
  if (more === undefined && name !== '') return { namespace, name }
  throw new CephflexError('EBADVOLUME', '--claim must be NAMESPACE/NAME')
}

/** Prints what was done, or with `--dry-run` what would be done. */
export function printOutcome(
  io: CommandIo,
  { json, dryRun }: VolumeCommandFlags,
  { outcome, text, claimRoot }: CompletedChange,
) {
  const { steps, volume, again = false, newRoot = false } = outcome
  const lines = steps.map(step => describeStep(step, claimRoot))
  if (json) io.out(toJson({ ...volume, steps: lines }))
  else if (dryRun) for (const line of lines) io.out(line)
  else io.out(text)
  if (newRoot) io.err(`if a directory above ${claimRoot} has a layout, its data pool is used`)
  if (dryRun && again) io.err('then a user with caps for the path that the manager assigns')
}

/** JSON text. Sizes in bytes from 2^53 become strings: JSON numbers would lose digits. */
export function toJson(value: unknown) {
  return JSON.stringify(value, (_, entry) =>
    typeof entry === 'bigint' ? (entry <= Number.MAX_SAFE_INTEGER ? Number(entry) : String(entry)) : entry,
  )
}
