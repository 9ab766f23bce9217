import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Measured, meets, type Results, ROWS, type SubjectName, type Watch } from '../records/bench.js'
import { openLab } from './lab.js'
import { describeMachine, findPrograms } from './programs.js'
import { measureSharing } from './sharing.js'
import { compare, seededRandom, shuffled, summarize } from './statistics.js'
import { makeSubjects, type Subject } from './subjects.js'
import { measureWatch } from './watch.js'

/** Fewer rounds show that the bench works, and are not recorded. */
export const LEAST_RUNS = 20

export type BenchOptions = {
  /** Rounds in which each subject runs once. */
  runs: number
  /** Seed of the order within the rounds. */
  seed: number
  /** Called after each round. */
  onRound: (round: number) => void
}

/**
 * Measures the packaged binary of this machine and the subjects it is compared with, on a cluster of its own.
 *
 * @throws Error as soon as one run fails: a mount that is not in the mount table has no valid time.
 */
export async function bench(options: BenchOptions): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'cephflex-bench-c-'))
  const programs = findPrograms(folder)
  const about = describeMachine(programs)
  const lab = await openLab()
  try {
    const subjects = makeSubjects(lab, programs)
    const series = await measure(subjects, options)
    const measured: Partial<Record<SubjectName, Measured>> = {}
    for (const subject of subjects)
      measured[subject.name] = { ...summarize(series[subject.name] ?? []), ...(await peakOf(subject)) }
    const isBrief = options.runs < LEAST_RUNS
    const sharing = measureSharing(lab, programs.binary, isBrief)
    const watch = await measureWatch(lab, programs, isBrief)
    const { runs, seed } = options
    return rounded({ ...about, runs, seed, subjects: measured, sharing, watch, ratios: ratiosOf(series) })
  } finally {
    await lab.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Measures only what the watch for dead clients costs. */
export async function benchWatch(): Promise<Watch> {
  const folder = mkdtempSync(join(tmpdir(), 'cephflex-bench-c-'))
  const lab = await openLab()
  try {
    const { watch } = rounded({ watch: await measureWatch(lab, findPrograms(folder), false) })
    return watch
  } finally {
    await lab.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Series = Partial<Record<SubjectName, number[]>>

/**
 * Runs all subjects once in each round, every round in another order. A round before them warms up, if the numbers are
 * worth it.
 */
async function measure(subjects: readonly Subject[], { runs, seed, onRound }: BenchOptions): Promise<Series> {
  const series: Series = Object.fromEntries(subjects.map(({ name }) => [name, []]))
  const random = seededRandom(seed)
  for (let round = runs < LEAST_RUNS ? 1 : 0; round <= runs; round += 1) {
    for (const { name, time } of shuffled(subjects, random)) {
      const ms = await time()
      if (round > 0) series[name]?.push(ms)
    }
    onRound(round)
  }
  return series
}

/** The peak memory of some runs that are not timed. */
async function peakOf({ peak }: Subject): Promise<{ peakKiB?: number }> {
  if (!peak) return {}
  return { peakKiB: Math.max(await peak(), await peak(), await peak()) }
}

function rounded<T>(results: T): T {
  return JSON.parse(
    JSON.stringify(results, (_, value) => (typeof value === 'number' ? Number(value.toFixed(3)) : value)),
  )
}

function ratiosOf(series: Series): Results['ratios'] {
  return ROWS.flatMap(({ subject, base, goal }) => {
    const [own, other] = [series[subject], series[base]]
    if (!own || !other) return []
    const ratio = compare(own, other)
    const met = meets(ratio.median, goal)
    return [{ subject, base, ratio, ...(met === undefined ? {} : { met }) }]
  })
}
