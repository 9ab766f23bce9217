import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Test } from 'tap'
import { COMPAT_DIRECTORY, type CompatResults, type CompatRow, parseCompatResults } from './compat.js'

type RecordOptions = { directory?: string; record?: boolean }

/** The rows that this process has recorded so far, by suite. */
const recorded = new Map<string, CompatRow[]>()

/** The processor this runs on, as the compatibility table calls it. */
export function thisArch(): CompatRow['arch'] {
  return process.arch === 'arm64' ? 'arm64' : 'x86-64'
}

/** The records of all suites, in the order of their names. */
export function compatResults(directory = COMPAT_DIRECTORY): CompatResults[] {
  return readdirSync(directory)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => parseCompatResults(readFileSync(`${directory}/${name}`, 'utf8')))
}

/**
 * Records a test when it ends: each assertion in it and its subtests is a case.
 * Call it first in the test.
 */
export function recordTest(
  t: Test,
  suite: string,
  row: Omit<CompatRow, 'cases'>,
  options: RecordOptions = {},
): void {
  t.teardown(() => {
    const { pass, fail } = t.counts
    recordCompat(suite, { ...row, cases: { passed: pass, failed: fail } }, options)
  })
}

/**
 * Records the result of a suite for the table of the page `compatibility`, if
 * CEPHFLEX_RECORD is 1; otherwise it does nothing.
 *
 * The first row of a process replaces the earlier record of the suite, so each
 * tap file needs a name of its own. Rows of several suites for the same thing
 * become one in the table.
 *
 * @param suite the name of the result file, for example `ceph`.
 * @param row without any case, it was not covered, and `note` is the reason.
 */
export function recordCompat(
  suite: string,
  row: CompatRow,
  { directory = COMPAT_DIRECTORY, record = process.env['CEPHFLEX_RECORD'] === '1' }: RecordOptions = {},
): void {
  if (!record) return
  const rows = [...(recorded.get(suite) ?? []), row]
  recorded.set(suite, rows)
  const results: CompatResults = { date: new Date().toISOString().slice(0, 10), rows }
  const text = `${JSON.stringify(results, undefined, 2)}\n`
  parseCompatResults(text)
  writeFileSync(`${directory}/${suite}.json`, text)
}
