import { CephflexError, toCephflexError } from '../../core/errors.js'
import { answersInit } from '../../core/kubelet/init-reply.js'
import type { RunResult } from '../../system/run.js'
import { type InstallContext, PROGRAM_MS, runDriver } from './context.js'

/**
 * Runs a driver's `init`. The kubelet parses stdout and stderr together as one
 * JSON object, so any other output is a failure.
 *
 * @param path the path of the driver, as the node sees it.
 * @param problem the start of the message if it fails.
 * @throws CephflexError EINSTALL, EINTERRUPTED.
 */
export async function checkInit(context: InstallContext, path: string, problem: string): Promise<void> {
  const result = await runOrExplain(context, path, problem)
  if (result.interrupted)
    throw new CephflexError('EINTERRUPTED', 'interrupted by a signal; nothing was installed')
  if (answersInit(result)) return
  throw new CephflexError('EINSTALL', `${problem}; init ${endingOf(result)}`, {
    hint: hintFor(result.exitCode === 126, path),
  })
}

async function runOrExplain(context: InstallContext, path: string, problem: string): Promise<RunResult> {
  try {
    return await runDriver(context, path, ['init'])
  } catch (error) {
    const { message, cause } = toCephflexError(error)
    const code = (cause as { code?: string } | undefined)?.code
    throw new CephflexError('EINSTALL', `${problem}; ${message}`, { hint: hintFor(code === 'EACCES', path) })
  }
}

function endingOf({ timedOut, exitCode, stdout, stderr }: RunResult): string {
  if (timedOut) return `did not answer within ${PROGRAM_MS / 1000} s`
  return `exited with code ${exitCode} and printed: ${`${stderr}${stdout}`.trim() || 'nothing'}`
}

function hintFor(isRefused: boolean, path: string): string {
  return isRefused
    ? `check whether its file system is mounted noexec: findmnt -T ${path}`
    : 'use the driver of a release, built for this processor'
}
