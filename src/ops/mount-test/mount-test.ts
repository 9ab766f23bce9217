import { CephflexError } from '../../core/errors.js'
import { objectSteps } from '../../core/mount-test/object-steps.js'
import {
  cleanSteps,
  type StepResult,
  sourceStep,
  stepsAfter,
  stepsBefore,
  type TestPlan,
} from '../../core/mount-test/steps.js'
import type { Client } from '../../core/mounters/index.js'
import { mountedOn } from '../../core/target/mount-table.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'
import { mountVolume } from '../mount/mount.js'
import { unmountVolume } from '../mount/unmount.js'
import { privateDirectory } from '../target/private-directory.js'
import { requireRoot } from '../target/require-root.js'
import { quotaOf, statfs } from '../target/statfs.js'
import type { MountTestOptions } from './options.js'
import { planOf } from './plan.js'
import { makeStepRecorder } from './step-recorder.js'

const PROBE_MS = 3_000

/** The test's outcome. `target` is set if it was left mounted. */
export type MountTestReport = {
  ok: boolean
  client?: Client
  fellBackFrom?: string
  steps: StepResult[]
  target?: string
}

/**
 * Mounts a volume where no pod sees it, with the code of a kubelet call, and
 * uses it like a program would. Leaves nothing behind, whether it succeeds,
 * fails or is interrupted by a signal, unless `keep` is set.
 *
 * @returns what each step took; `ok` is false if one failed.
 * @throws CephflexError ENOTROOT, ENORUNDIR.
 */
export async function testMount(
  system: System,
  volume: VolumeOptions,
  { sizeMib, keep, findings, onStep }: MountTestOptions,
): Promise<MountTestReport> {
  requireRoot(system)
  const directory = privateDirectory(system, 'mount-test')
  const plan = planOf(system, volume, sizeMib, directory.target)
  const recorder = makeStepRecorder(system, volume, onStep)
  const objects = objectSteps(findings)
  objects.forEach(recorder.add)
  const report: MountTestReport = { ok: objects.every(({ ok }) => ok), steps: recorder.steps }
  const work = { system, volume, plan, report, recorder }
  await runAll(report, [() => useVolume(work)])
  system.files.remove(plan.source)
  if (keep && report.ok) return { ...report, target: directory.target }
  await cleanUp({ ...work, system: system.forUndo() })
  directory.remove()
  return report
}

type Work = {
  system: System
  volume: VolumeOptions
  plan: TestPlan
  report: MountTestReport
  recorder: ReturnType<typeof makeStepRecorder>
}

async function useVolume(work: Work): Promise<void> {
  const { system, plan, recorder } = work
  if (!plan.readOnly) await recorder.run(sourceStep(plan))
  await mount(work, 'mount')
  for (const step of stepsBefore(plan)) await recorder.run(step)
  await recorder.timed(
    'df and quota',
    () => dfNote(system, plan.target),
    note => note,
  )
  await unmount(work)
  await mount(work, 'mount again')
  for (const step of stepsAfter(plan)) await recorder.run(step)
}

async function mount({ system, volume, plan, report, recorder }: Work, name: string): Promise<void> {
  // a client that serves pods would prove nothing about a new one
  const own = { ...volume, clientSharing: 'pod' as const }
  const request = { target: plan.target, makeTarget: false, volume: own }
  const { client, fellBackFrom } = await recorder.timed(
    name,
    () => mountVolume(request, system),
    done => done.client,
  )
  report.client = client
  if (fellBackFrom) report.fellBackFrom = `${fellBackFrom.code}: ${fellBackFrom.message}`
}

async function dfNote(system: System, target: string): Promise<string> {
  const [usage, quota] = await Promise.all([
    statfs(system, target, PROBE_MS),
    quotaOf(system, target, PROBE_MS),
  ])
  if (usage === undefined || usage === 'hung') throw new CephflexError('EDEAD', 'df did not answer')
  const size = `size ${usage.sizeBytes}, used ${usage.usedBytes} bytes`
  return quota ? `${size}; quota ${quota}` : size
}

async function cleanUp(work: Work): Promise<void> {
  const { system, plan, recorder, report } = work
  if (mountedOn(system.mountInfo(), plan.target).length === 0) return
  // if the directory was never created, removing it would be reported as a second failure
  const steps = recorder.steps.some(({ name, ok }) => name === 'mkdir' && ok) ? cleanSteps(plan) : []
  await runAll(report, [...steps.map(step => () => recorder.run(step, true)), () => unmount(work)])
}

/** Runs `tasks` one after the other. A failure is recorded and does not stop the others. */
async function runAll(report: MountTestReport, tasks: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const task of tasks) {
    try {
      await task()
    } catch {
      report.ok = false
    }
  }
}

function unmount({ system, plan, recorder }: Work): Promise<unknown> {
  return recorder.timed(
    'unmount',
    () => unmountVolume(plan.target, system),
    () => '',
  )
}
