import type { Deadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { type Client, clientsFor } from '../../core/mounters/index.js'
import type { MountContext, Mounter } from '../../core/mounters/mounter.js'
import { stderrTail } from '../../core/mounters/stderr-tail.js'
import { wholeLines } from '../../core/mounters/whole-lines.js'
import type { Secret } from '../../core/secret.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import type { Keyring } from '../target/keyring.js'
import { type Command, scoped } from './scope.js'

/** One attempt to mount with one client. */
export type Attempt = MountContext & {
  client: Client
  mounter: Mounter
  /** The target of the pod, which `target` is not if the mount is made on a private stage. */
  owner: string
  key: Secret
  keyring: Keyring
  /** That of the call. */
  deadline: Deadline
  /** That of the client, which leaves the call time to find the cause and to undo. */
  limit: Deadline
}

/**
 * Runs the mount program with the credential file in place, and logs the exact command.
 *
 * @param extra flags after those of the client.
 */
export async function runAttempt(
  system: System,
  attempt: Attempt,
  extra: readonly string[] = [],
): Promise<RunResult> {
  const { mounter, key, keyring, limit } = attempt
  const direct = { program: mounter.program, argv: [...mounter.argv(attempt), ...extra] }
  const command = mounter.daemon ? await scoped(system, limit, direct.program, direct.argv) : direct
  const output = await keyring.with(mounter.credential(attempt, key), () =>
    start(system, attempt, command, Math.max(1_000, Math.ceil(limit.left()))),
  )
  // before anything looks for the cause or for the pid of a daemon in it
  const result = { ...output, stderr: wholeLines(output.stderr) }
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
  { client, mounter, volume }: Attempt,
  { program, argv }: Command,
  timeoutMs: number,
): Promise<RunResult> {
  try {
    return await system.run(program, argv, { timeoutMs, leavesDaemon: mounter.daemon !== undefined })
  } catch (error) {
    const { code, message } = toCephflexError(error)
    const canFollow = clientsFor(volume.mounter).at(-1) !== client
    throw code === 'ENOTOOL' && canFollow ? new CephflexError(mounter.unusable, message) : error
  }
}
