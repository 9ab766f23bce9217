import { CephflexError, type ErrorCode, EXPLANATIONS } from '../../core/errors.js'
import { mounters } from '../../core/mounters/index.js'
import type { Ending, Mounter } from '../../core/mounters/mounter.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { unreachableMonitors } from '../volume/resolve-monitors.js'
import { type Attempt, runAttempt } from './attempt.js'

/** A cluster that knows its mind answers a login within milliseconds. */
const PROOF_S = 4

/** Servers of 20.2 drop a refused client now and then; it asks again after this, by default only after 3 s. */
const PROOF_FLAGS = ['--no-mon-config', '--mon_client_hunt_interval=0.5']

const INCONCLUSIVE: readonly ErrorCode[] = ['EMOUNT', 'ENOANSWER', 'ENOMDS', 'ENOFS']

/** Turns a failed try into the error that says what happened, as far as it can be proven. */
export async function diagnoseFailure(
  system: System,
  attempt: Attempt,
  result: RunResult,
  ending: Ending,
  words: string,
): Promise<CephflexError> {
  const { mounter } = attempt
  let code = codeOf(mounter, result.timedOut, ending)
  if (isAmbiguous(attempt, code, ending)) code = await provoke(system, attempt)
  const parts = [describe(code, attempt)]
  if (isSilent(code)) {
    const silent = await whoIsSilent(system, attempt)
    // 14.2 ignores its own time limit when the monitors are dead
    if (silent.all) code = 'ENOANSWER'
    parts.push(
      result.timedOut ? `${mounter.program} was killed after ${Math.round(result.ms / 1000)} s` : '',
      silent.text,
    )
  }
  if (words) parts.push(`${mounter.program} says: ${words}`)
  else if (result.exitCode !== undefined) parts.push(`${mounter.program} ended with ${result.exitCode}`)
  const hint = EXPLANATIONS[code].fix.replace('client.USER', `client.${attempt.context.request.volume.user}`)
  return new CephflexError(code, parts.filter(Boolean).join('; '), { hint })
}

/** A program that was killed may still have told the cause before; silence was its own. */
function codeOf(mounter: Mounter, timedOut: boolean, ending: Ending): ErrorCode {
  const told = mounter.diagnose(ending)
  return timedOut && INCONCLUSIVE.includes(told) ? 'ETIMEOUT' : told
}

function isAmbiguous({ mounter }: Attempt, code: ErrorCode, ending: Ending) {
  return mounter === mounters.fuse && code === 'ENOANSWER' && !ending.gaveUp
}

/**
 * A wrong key and a dead monitor end ceph-fuse with the same words. Skipping
 * the monitors' configuration makes it name the cause; that is no way to
 * mount, so it is only asked why it failed.
 */
async function provoke(system: System, attempt: Attempt): Promise<ErrorCode> {
  const context = { ...attempt.context, giveUpS: PROOF_S }
  const result = await runAttempt(system, { ...attempt, context }, PROOF_FLAGS, PROOF_S * 1000 + 1000)
  const ending: Ending = { exitCode: result.exitCode, stderr: result.stderr, kernelLog: '', gaveUp: false }
  const told = attempt.mounter.diagnose(ending)
  // it mounted after all, or said nothing: no proof of anything
  return result.exitCode === 0 || told === 'EMOUNT' ? 'ENOANSWER' : told
}

function describe(code: ErrorCode, attempt: Attempt): string {
  const { user, path, fsName } = attempt.context.request.volume
  switch (code) {
    case 'EREFUSED':
      return `the cluster refused the key of client.${user}`
    case 'EDENIED':
      return `client.${user} may not mount ${path}`
    case 'EBLOCKED':
      return 'the cluster has shut this node out'
    case 'ENOPATH':
      return `${path} does not exist${fsName === undefined ? '' : ` in ${fsName}`}`
    case 'ENOFS':
      return `there is no file system ${fsName ?? 'for this user'}`
    default:
      return ''
  }
}

function isSilent(code: ErrorCode) {
  return code === 'ENOANSWER' || code === 'ETIMEOUT' || code === 'ENOMDS'
}

async function whoIsSilent(system: System, { context }: Attempt): Promise<{ text: string; all: boolean }> {
  const { dead, all } = await unreachableMonitors(system, context.monitors)
  if (dead.length === 0) return { text: 'every monitor accepts connections', all: false }
  return { text: `monitors without an answer: ${dead.join(', ')}`, all }
}
