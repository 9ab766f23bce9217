import type { ProgramName } from '../programs.js'

/** One command that `cephflex mount-test` runs. */
export type TestStep = {
  name: string
  program: ProgramName
  argv: readonly string[]
  /** Bytes that it reads or writes, for the throughput. */
  bytes?: number
  /** Which caps it needs. */
  needs?: readonly ['mds' | 'osd', 'r' | 'w']
  /** The file in the volume whose data it writes or reads. */
  file?: string
}

/** The name of the steps that look at the objects of Kubernetes. */
export const OBJECTS = 'objects'

const MIB = 1_048_576

/** Where the test works: `source` is a file of random bytes in memory, `directory` is created in the volume. */
export type TestPlan = {
  target: string
  source: string
  directory: string
  sizeMib: number
  readOnly: boolean
  canLock: boolean
}

/** The result of one step. */
export type StepResult = { name: string; ok: boolean; ms: number; note: string }

/** Creates the random bytes to write; on the node, not in the volume. */
export function sourceStep({ source, sizeMib }: TestPlan): TestStep {
  return {
    name: 'create random data',
    program: 'dd',
    argv: ['if=/dev/urandom', `of=${source}`, 'bs=1M', `count=${sizeMib}`, 'status=none'],
  }
}

/** The steps after the mount, in this order. A read-only volume is only listed. */
export function stepsBefore(plan: TestPlan): TestStep[] {
  return plan.readOnly ? readSteps(plan) : [...readSteps(plan), ...writeSteps(plan)]
}

/** The steps after a second mount: now the data must come from the cluster, not from a cache. */
export function stepsAfter(plan: TestPlan): TestStep[] {
  return plan.readOnly
    ? []
    : [
        {
          name: 'read from the cluster',
          program: 'cmp',
          argv: [plan.source, `${plan.directory}/renamed`],
          bytes: plan.sizeMib * MIB,
          needs: ['osd', 'r'],
          file: `${plan.directory}/renamed`,
        },
      ]
}

/** Deletes what the test created, by name, and nothing else. */
export function cleanSteps({ directory, readOnly }: TestPlan): TestStep[] {
  return readOnly
    ? []
    : [
        { name: 'remove files', program: 'rm', argv: ['-f', `${directory}/data`, `${directory}/renamed`] },
        { name: 'remove directory', program: 'rmdir', argv: [directory] },
      ]
}

/** Bytes and milliseconds as MB/s. */
export function throughput(bytes: number, ms: number): string {
  return `${(bytes / 1e6 / (Math.max(1, ms) / 1000)).toFixed(0)} MB/s`
}

function readSteps({ target }: TestPlan): TestStep[] {
  return [{ name: 'list', program: 'ls', argv: ['-la', target], needs: ['mds', 'r'] }]
}

function writeSteps({ source, directory, sizeMib, canLock }: TestPlan): TestStep[] {
  const file = `${directory}/data`
  const lock: TestStep = {
    name: 'lock',
    program: 'flock',
    argv: ['-n', '-x', `${directory}/renamed`, 'true'],
  }
  return [
    { name: 'mkdir', program: 'mkdir', argv: [directory], needs: ['mds', 'w'] },
    {
      name: 'write and fsync',
      program: 'dd',
      argv: [`if=${source}`, `of=${file}`, 'bs=1M', 'conv=fsync', 'status=none'],
      bytes: sizeMib * MIB,
      needs: ['osd', 'w'],
      file,
    },
    {
      name: 'read back',
      program: 'cmp',
      argv: [source, file],
      bytes: sizeMib * MIB,
      needs: ['osd', 'r'],
      file,
    },
    { name: 'rename', program: 'mv', argv: ['-T', file, `${directory}/renamed`], needs: ['mds', 'w'] },
    ...(canLock ? [lock] : []),
  ]
}
