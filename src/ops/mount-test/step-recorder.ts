import { CephflexError, toCephflexError } from '../../core/errors.js'
import { type StepResult, type TestStep, throughput } from '../../core/mount-test/steps.js'
import type { System } from '../../system/system.js'

/** The limit of one step; enough for a slow cluster to write a few MiB. */
const STEP_MS = 30_000

/** Makes functions that run and time a step, and record its result. A failed step throws. */
export function makeStepRecorder(system: System, onStep?: (result: StepResult) => void) {
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
  const run = ({ name, program, argv, bytes }: TestStep, isCleanup = false) =>
    timed(
      name,
      async () => {
        const result = await system.run(program, argv, { timeoutMs: STEP_MS, isCleanup })
        if (result.interrupted) throw new CephflexError('EINTERRUPTED', 'interrupted by a signal')
        if (result.timedOut)
          throw new CephflexError('ETIMEOUT', `${program} did not finish within ${STEP_MS / 1000} s`)
        if (result.exitCode !== 0)
          throw new CephflexError(
            'EMOUNT',
            `${program}: ${(result.stderr || result.stdout || `exit code ${result.exitCode}`).trim().split('\n').at(-1)}`,
          )
      },
      (_, ms) => (bytes === undefined ? '' : throughput(bytes, ms)),
    )
  return { steps, timed, run }
}
