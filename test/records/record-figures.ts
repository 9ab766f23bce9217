import { writeFileSync } from 'node:fs'
import type { Test } from 'tap'
import { FIGURES_DIRECTORY, type Figures } from './figures.js'

const recorded = new Map<string, Figures['rows']>()

/**
 * Records how often a suite has done something to the driver, for the table in
 * `src/assets/docs/reliability.md`, if CEPHFLEX_RECORD is 1. The first figure of a
 * process replaces the earlier record of the suite.
 *
 * What was done to the binary with Bun has a file and rows of its own.
 *
 * @param suite the name of the result file, for example `kill`.
 * @param lost how many of them left something behind, gave a wrong answer or were late: the failed assertions of `t`.
 */
export function recordFigure(t: Test, suite: string, what: string, count: number): void {
  if (process.env['CEPHFLEX_RECORD'] !== '1') return
  const isBun = process.env['CEPHFLEX_DRIVER']?.endsWith('-bun')
  const rows = [
    ...(recorded.get(suite) ?? []),
    { what: isBun ? `${what} (Bun)` : what, count, lost: t.counts.fail },
  ]
  recorded.set(suite, rows)
  const figures: Figures = { date: new Date().toISOString().slice(0, 10), rows }
  writeFileSync(
    `${FIGURES_DIRECTORY}/${suite}${isBun ? '-bun' : ''}.json`,
    `${JSON.stringify(figures, undefined, 2)}\n`,
  )
}
