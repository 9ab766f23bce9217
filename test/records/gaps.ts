import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { percentile } from '../bench/statistics.js'
import { alignedRows, markdownTable } from './table.js'

/** What the chaos suite has recorded. */
export const RECORDED_GAPS = 'test/records/results/gaps.json'

const seconds = z.number().min(0)
const Gaps = z.strictObject({
  date: z.iso.date(),
  seconds: z.int().min(1),
  pods: z.int().min(1),
  /** Writes that were confirmed, and those that returned an error. */
  writes: z.int().min(0),
  errors: z.int().min(0),
  rows: z.array(
    z.strictObject({
      what: z.string().min(1),
      times: z.int().min(1),
      p50: seconds,
      p99: seconds,
      worst: seconds,
    }),
  ),
})
export type Gaps = z.infer<typeof Gaps>

/** After an event, the longest time between two confirmed writes of each pod, in seconds. */
export type Disturbance = { what: string; gaps: readonly number[] }

/** A row for each kind of event, in the order of their names, and one for all. */
export function gapRows(all: readonly Disturbance[]): Gaps['rows'] {
  const counted = all.filter(({ gaps }) => gaps.length > 0)
  const kinds = [...new Set(counted.map(({ what }) => what))].sort()
  const row = (what: string, some: readonly Disturbance[]) => {
    const gaps = some.flatMap(each => each.gaps)
    const of = (share: number) => Math.round(percentile(gaps, share) * 10) / 10
    return { what, times: some.length, p50: of(0.5), p99: of(0.99), worst: of(1) }
  }
  return [
    ...kinds.map(kind =>
      row(
        kind,
        counted.filter(({ what }) => what === kind),
      ),
    ),
    row('any of them', counted),
  ]
}

/** Reads a result file. @throws ZodError or SyntaxError if it was edited by hand and is not valid. */
export function readGaps(): Gaps {
  return Gaps.parse(JSON.parse(readFileSync(RECORDED_GAPS, 'utf8')))
}

/** Writes it, if CEPHFLEX_RECORD is 1. */
export function recordGaps(gaps: Gaps): void {
  if (process.env['CEPHFLEX_RECORD'] !== '1') return
  writeFileSync(RECORDED_GAPS, `${JSON.stringify(Gaps.parse(gaps), undefined, 2)}\n`)
}

/** The table and its sentence, for the page. */
export function gapsMarkdown(gaps: Gaps): string {
  const { date, seconds: length, pods, writes, errors } = gaps
  return [
    markdownTable(tableOf(gaps)),
    '',
    `${pods} pods for ${length / 60} minutes, ${date}: ${writes.toLocaleString('en')} confirmed writes, none lost;`,
    `${errors.toLocaleString('en')} writes returned an error.`,
  ].join('\n')
}

/** The table for a terminal. */
export function gapsPlain(gaps: Gaps): string {
  return alignedRows(tableOf(gaps))
}

function tableOf({ rows }: Gaps): string[][] {
  return [
    ['what died', 'times', 'p50', 'p99', 'worst'],
    ...rows.map(({ what, times, p50, p99, worst }) => [
      what,
      String(times),
      ...[p50, p99, worst].map(each => `${each.toFixed(1)} s`),
    ]),
  ]
}
