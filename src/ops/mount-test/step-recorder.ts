import { FILE_POOL_XATTR } from '../../core/ceph/xattrs.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { deniedBy } from '../../core/mount-test/denied.js'
import { type StepResult, type TestStep, throughput } from '../../core/mount-test/steps.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'

/** The limit of one step; enough for a slow cluster to write a few MiB. */
const STEP_MS = 30_000

/** Makes functions that run and time a step, and record its result. A failed step throws. */
export function makeStepRecorder(
  system: System,
  volume: Pick<VolumeOptions, 'user' | 'path'>,
  onStep?: (result: StepResult) => void,
) {
  const steps: StepResult[] = []
  const add = (result: StepResult) => {
    steps.push(result)
    onStep?.(result)
  }
  const timed = async <T>(
    name: string,
    work: () => Promise<T>,
    note: (value: T, ms: number) => string,
  ): Promise<T> => {
    const start = performance.now()
    const took = () => Math.round(performance.now() - start)
    try {
      const value = await work()
      add({ name, ok: true, ms: took(), note: note(value, took()) })
      return value
    } catch (error) {
      const { code, message } = toCephflexError(error)
      add({ name, ok: false, ms: took(), note: `${code}: ${message}` })
      throw error
    }
  }
  const failure = async (step: TestStep, { stderr, stdout, exitCode }: RunResult) => {
    const output = (stderr || stdout || `exit code ${exitCode}`).trim().split('\n').at(-1) ?? ''
    const pool = step.file === undefined ? undefined : await poolOf(system, step.file)
    const denied = deniedBy(step, output, { ...volume, pool })
    return denied === undefined
      ? new CephflexError('EMOUNT', `${step.program}: ${output}`)
      : new CephflexError('EDENIED', denied)
  }
  const run = (step: TestStep, isCleanup = false) => {
    const { name, program, argv, bytes } = step
    return timed(
      name,
      async () => {
        const result = await system.run(program, argv, { timeoutMs: STEP_MS, isCleanup })
        if (result.interrupted) throw new CephflexError('EINTERRUPTED', 'interrupted by a signal')
        if (result.timedOut)
          throw new CephflexError('ETIMEOUT', `${program} did not finish within ${STEP_MS / 1000} s`)
        if (result.exitCode !== 0) throw await failure(step, result)
      },
      (_, ms) => (bytes === undefined ? '' : throughput(bytes, ms)),
    )
  }
  return { steps, add, timed, run }
}

/** The pool of a file; undefined if it cannot be read. */
async function poolOf({ run, find }: System, file: string): Promise<string | undefined> {
  if (find('getfattr') === undefined) return undefined
  const argv = ['--only-values', '-n', FILE_POOL_XATTR, '--', file]
  const { exitCode, stdout } = await run('getfattr', argv, { timeoutMs: STEP_MS, isCleanup: true })
  return exitCode === 0 ? stdout.trim() || undefined : undefined
}
