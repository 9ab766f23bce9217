import { startDeadline } from '../../core/deadline.js'
import { type ErrorCode, EXPLANATIONS } from '../../core/error-codes.js'
import { CephflexError } from '../../core/errors.js'
import type { Ending, Mounter } from '../../core/mounters/mounter.js'
import { stderrTail } from '../../core/mounters/stderr-tail.js'
import { shownPath } from '../../core/text/printable.js'
import { pathOnce, userOnce } from '../../core/text/said-once.js'
import { shellWord } from '../../core/text/shell.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { requireTarget } from '../target/require-target.js'
import { findFaults, PROBE_MS } from '../volume/ask-monitors.js'
import { type Attempt, runAttempt } from './attempt.js'

/** A healthy cluster accepts or refuses a login within milliseconds. */
const PROOF_S = 4

/** How long the client may take to exit once it has given up. */
const PROOF_MARGIN_MS = 1_000

const COMPARE = 'compare the option monitors with "ceph mon dump" on the cluster'

const INCONCLUSIVE: readonly ErrorCode[] = ['EMOUNT', 'ENOANSWER', 'ENOMDS', 'ENOFS']

/** What is wrong with the monitors, as a part of the message, and what to do about it. `all`: none can be used. */
type MonitorReport = { text: string; all: boolean; hint?: string }

/**
 * Turns a failed attempt into an error with its cause, as far as that can be
 * proven. The client is not run again if the call has no time left for it. The
 * monitors are always probed: one that refuses does so at once.
 */
export async function diagnoseFailure(
  system: System,
  attempt: Attempt,
  result: RunResult,
  ending: Ending,
): Promise<CephflexError> {
  const { mounter } = attempt
  let code = codeOf(mounter, result.timedOut, ending)
  if (code === 'ENOPATH' || code === 'ENOTDIR') requireTarget(system, attempt.target)
  const { proof } = mounter
  if (proof?.of === code && !ending.gaveUp) code = await prove(system, attempt, proof)
  const monitors = isUnanswered(code) ? await probeMonitors(system, attempt) : undefined
  const { text, hint, ...cause } = conclude(system, attempt, code, ending, monitors)
  const wasKilled = monitors !== undefined && result.timedOut
  const parts = [
    text,
    wasKilled ? `${mounter.program} was killed after ${Math.round(result.ms / 1000)} s` : '',
    monitors?.text,
    pathOnce(outputOf(attempt, result), text.includes(attempt.volume.path) ? attempt.volume.path : ''),
  ]
  return new CephflexError(cause.code, parts.filter(Boolean).join('; '), { hint })
}

/** The cause, and what to do about it. */
function conclude(
  system: System,
  attempt: Attempt,
  code: ErrorCode,
  ending: Ending,
  monitors: MonitorReport | undefined,
): { code: ErrorCode; text: string; hint: string } {
  const { volume, mounter } = attempt
  const hintOf = (known: ErrorCode) =>
    EXPLANATIONS[known].fix.replace('client.USER', () => shellWord(`client.${volume.user}`))
  // 14.2 ignores its own time limit when the monitors are dead
  if (monitors?.all) return { code: 'ENOANSWER', text: '', hint: monitors.hint ?? hintOf('ENOANSWER') }
  const mayBeDenied = monitors !== undefined || code === 'EREFUSED' || code === 'EDENIED'
  const denial = mayBeDenied ? mounter.denial(volume, ending) : undefined
  if (denial) return { code: 'EDENIED', ...denial }
  const text =
    code === 'EBADCONFIG' ? `cephConf ${system.config.cephConf} cannot be parsed` : describe(code, attempt)
  return { code, text, hint: hintOf(code) }
}

function outputOf({ mounter, key }: Attempt, { stderr, exitCode, signal, timedOut }: RunResult): string {
  const reported = stderrTail(stderr, key)
  const { program } = mounter
  const crash = timedOut || signal === undefined ? '' : `${program} was ended by ${signal}`
  if (reported) return [crash, `${program} reported: ${reported}`].filter(Boolean).join('; ')
  return exitCode === undefined ? crash : `${program} exited with status ${exitCode}`
}

/** A program that was killed at its limit may have reported the cause before; if not, it is a timeout. */
function codeOf(mounter: Mounter, timedOut: boolean, ending: Ending): ErrorCode {
  const code = mounter.diagnose(ending)
  return timedOut && INCONCLUSIVE.includes(code) ? 'ETIMEOUT' : code
}

/**
 * Runs the client again with flags with which it names the cause. Leaves time to probe the monitors.
 *
 * @returns the code as it was if this proves nothing.
 */
async function prove(
  system: System,
  attempt: Attempt,
  { of, flags }: NonNullable<Mounter['proof']>,
): Promise<ErrorCode> {
  const leftS = Math.floor((attempt.deadline.left() - PROBE_MS - PROOF_MARGIN_MS) / 1000)
  const giveUpS = Math.min(PROOF_S, leftS)
  if (giveUpS < 1) return of
  const limit = startDeadline(giveUpS * 1000 + PROOF_MARGIN_MS)
  const result = await runAttempt(system, { ...attempt, giveUpS, limit }, flags)
  const ending: Ending = { exitCode: result.exitCode, stderr: result.stderr, kernelLog: '', gaveUp: false }
  const code = attempt.mounter.diagnose(ending)
  // it mounted after all, or printed nothing: this proves nothing
  return result.exitCode === 0 || code === 'EMOUNT' ? of : code
}

function describe(code: ErrorCode, attempt: Attempt): string {
  const { user, path, fsName } = attempt.volume
  switch (code) {
    case 'EREFUSED':
      return `the cluster refused the key of ${userOnce(user)}`
    case 'EDENIED':
      return `${userOnce(user)} is not allowed to mount ${shownPath(path)}`
    case 'EBLOCKED':
      return 'the cluster has blocklisted this node'
    case 'EHELD':
      return `the cluster answers, but the MDS holds ${shownPath(path)} back for a client that does not answer, up to its session_timeout (60 s by default)`
    case 'ENOPATH':
      return `${shownPath(path)} does not exist${fsName === undefined ? '' : ` in ${fsName}`}`
    case 'ENOFS':
      return `there is no file system ${fsName ?? 'for this user'}`
    default:
      return ''
  }
}

function isUnanswered(code: ErrorCode) {
  return code === 'ENOANSWER' || code === 'ETIMEOUT' || code === 'ENOMDS'
}

async function probeMonitors(system: System, { monitors, deadline }: Attempt): Promise<MonitorReport> {
  const { faults, all, isSure, corrections, hasStranger } = await findFaults(system, monitors, deadline)
  if (faults.length === 0) return { text: isSure ? 'every monitor accepts connections' : '', all: false }
  const text = `monitors that cannot be used: ${faults.join(', ')}`
  if (corrections.length > 0)
    return { text, all, hint: `use ${corrections.join(',')} in the option monitors` }
  return { text, all, ...(hasStranger && { hint: COMPARE }) }
}
