import type { CephFsChange, CephFsChanges } from '../../core/ceph/cephfs-operations.js'
import { ERRNO } from '../../core/ceph/errno.js'
import { CephflexError } from '../../core/errors.js'
import { capsList } from '../../core/provision/caps/caps.js'
import { describeStep, type Step } from '../../core/provision/steps.js'
import { Secret } from '../../core/secret.js'
import { refusedChange } from '../../system/ceph/cephfs-session.js'
import type { Provisioner } from './provisioner.js'

/** The length of one round of deleting files: short, so that a signal takes effect, and a hang differs from much work. */
const PURGE_ROUND_S = 5

/**
 * Applies the steps of a plan, one after the other.
 *
 * @param signal stops between two steps, and between two rounds of deleting.
 * @returns the key of the user, if one was added.
 * @throws CephflexError EPROVISION, ENOTOURS, ETIMEOUT, ENOANSWER. Completed steps
 *   stay: the next plan continues from there.
 */
export async function applySteps(
  provisioner: Provisioner,
  steps: readonly Step[],
  signal?: AbortSignal,
): Promise<{ key?: Secret }> {
  if (steps.length === 0) return {}
  await provisioner.openRoot(true)
  let key: Secret | undefined
  for (const step of steps) {
    signal?.throwIfAborted()
    key = (await applyStep(provisioner, step, signal)) ?? key
  }
  return key === undefined ? {} : { key }
}

async function applyStep(
  provisioner: Provisioner,
  step: Step,
  signal: AbortSignal | undefined,
): Promise<Secret | undefined> {
  const change = fileChange(step)
  if (change !== undefined) {
    const answer = await provisioner.files.change(change.op, change.fields)
    if (answer.code !== 0 && !change.accepted?.includes(answer.code))
      throw refusedChange(`"${describeStep(step, provisioner.cluster.claimRoot)}"`, answer)
    return undefined
  }
  if (step.do === 'add user') return addUser(provisioner, step)
  if (step.do === 'purge') await purge(provisioner, step.path, signal)
  else if (step.do === 'remove user') await removeUser(provisioner, step.user)
  else if (step.do === 'mgr' || step.do === 'mon') await command(provisioner, step)
  return undefined
}

/** A change with its fields, and the errno values that are not a failure. */
type FileChange = {
  [Change in CephFsChange]: { op: Change; fields: CephFsChanges[Change]; accepted?: readonly number[] }
}[CephFsChange]

/** The change to the file system that a step makes; undefined if the step makes none or is `purge`. */
function fileChange(step: Step): FileChange | undefined {
  switch (step.do) {
    case 'make parents':
      return { op: 'parents', fields: { path: step.path } }
    case 'make directory':
      return { op: 'mkdir', fields: { path: step.path, mode: step.mode } }
    case 'set attribute':
      return {
        op: 'set',
        fields: { path: step.path, name: step.name, value: step.value },
        ...(step.mayBeUnknown ? { accepted: [ERRNO.invalid, ERRNO.notSupported] } : {}),
      }
    case 'remove attribute':
      return {
        op: 'unset',
        fields: { path: step.path, name: step.name },
        accepted: [ERRNO.noData, ERRNO.noEntry],
      }
    case 'set mode':
      return { op: 'chmod', fields: { path: step.path, mode: step.mode } }
    case 'rename':
      return { op: 'rename', fields: { old: step.from, new: step.to } }
    case 'remove directory':
      return { op: 'rmdir', fields: { path: step.path }, accepted: [ERRNO.noEntry] }
    case 'make link':
      return { op: 'symlink', fields: { path: step.path, target: step.target } }
    case 'remove file':
      return { op: 'unlink', fields: { path: step.path }, accepted: [ERRNO.noEntry] }
    default:
      return undefined
  }
}

async function addUser(
  { rados }: Provisioner,
  { user, caps }: Extract<Step, { do: 'add user' }>,
): Promise<Secret | undefined> {
  const request = { prefix: 'auth get-or-create', entity: `client.${user}`, caps: capsList(caps) }
  const { code, output, error } = await rados.ask('mon', request)
  if (code === 0) {
    const [entry] = (output ?? []) as { key?: string }[]
    return entry?.key === undefined ? undefined : new Secret(entry.key)
  }
  // the monitor compares the caps: a user with others is neither taken over nor changed
  if (code === ERRNO.invalid && /exists but cap/.test(error))
    throw new CephflexError('ENOTOURS', `client.${user} already exists with different caps`)
  throw new CephflexError('EPROVISION', `client.${user} could not be created: ${error || `errno ${code}`}`)
}

async function purge({ files }: Provisioner, path: string, signal: AbortSignal | undefined): Promise<void> {
  while (!(await files.purge(path, PURGE_ROUND_S))) signal?.throwIfAborted()
}

async function removeUser({ rados }: Provisioner, user: string): Promise<void> {
  const { code, error } = await rados.ask('mon', { prefix: 'auth rm', entity: `client.${user}` })
  if (code !== 0 && code !== ERRNO.noEntry)
    throw new CephflexError('EPROVISION', `client.${user} could not be removed: ${error || `errno ${code}`}`)
}

async function command({ rados }: Provisioner, step: Extract<Step, { do: 'mon' | 'mgr' }>): Promise<void> {
  const { code, error } = await rados.ask(step.do, step.command)
  if (code === 0 || (code === ERRNO.noEntry && step.mayBeGone)) return
  throw new CephflexError(
    'EPROVISION',
    `"${step.command.prefix}" was refused: ${error || 'no reason given'} (errno ${code})`,
  )
}
