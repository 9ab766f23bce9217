import type { Deadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import type { MountContext, Mounter } from '../../core/mounters/mounter.js'
import { stderrTail } from '../../core/mounters/stderr-tail.js'
import type { Secret } from '../../core/secret.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import type { Keyring } from '../target/keyring.js'
import { type Command, scoped } from './scope.js'

/** One attempt to mount with one client. */
export type Attempt = { mounter: Mounter; context: MountContext; key: Secret; keyring: Keyring }

/**
 * Runs the mount program with the credential file in place, and logs the exact command.
 *
 * @param extra flags after those of the client.
 */
export async function runAttempt(
  system: System,
  attempt: Attempt,
  extra: readonly string[],
  limit: Deadline,
): Promise<RunResult> {
  const { mounter, context, key, keyring } = attempt
  const direct = { program: mounter.program, argv: [...mounter.argv(context), ...extra] }
  const command = mounter.name === 'fuse' ? await scoped(system, limit, direct.program, direct.argv) : direct
  const result = await keyring.with(mounter.credential(context, key), () =>
    start(system, attempt, command, Math.max(1_000, Math.ceil(limit.left()))),
  )
  const { exitCode, timedOut, ms } = result
  const stderr = stderrTail(result.stderr, key)
  const argv = [command.program, ...command.argv]
  system.log('run', {
    argv,
    cephConf: system.config.cephConf,
    exitCode,
    timedOut,
    stderr,
    tookMs: ms,
  })
  return result
}

async function start(
  system: System,
  { mounter, context }: Attempt,
  { program, argv }: Command,
  timeoutMs: number,
): Promise<RunResult> {
  try {
    return await system.run(program, argv, { timeoutMs, leavesDaemon: mounter.name === 'fuse' })
  } catch (error) {
    const { code, message } = toCephflexError(error)
    const mayTryKernel = mounter.name === 'fuse' && context.request.volume.mounter === 'auto'
    throw code === 'ENOTOOL' && mayTryKernel ? new CephflexError('ENOFUSE', message) : error
  }
}
