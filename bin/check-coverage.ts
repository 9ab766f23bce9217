import { resolve } from 'node:path'
import { files } from '../src/system/files.js'
import { write } from '../src/system/output.js'

/**
 * Minimum coverage of src and bin by the suite in percent; the report also has the tests and libraries. Most tests run
 * the driver as a child, which counts as well.
 */
const MINIMUM = { lines: 97, branches: 90, functions: 95 }

type Kind = keyof typeof MINIMUM
type Summary = Record<string, Record<Kind, { covered: number; total: number }>>

const summary = JSON.parse(files.read('.tap/report/coverage-summary.json') ?? '{}') as Summary
const folders = ['src', 'bin'].map(folder => `${resolve(folder)}/`)
const own = Object.entries(summary).filter(([file]) => folders.some(folder => file.startsWith(folder)))
for (const [kind, minimum] of Object.entries(MINIMUM) as [Kind, number][]) {
  const sum = (of: 'covered' | 'total') => own.reduce((all, [, coverage]) => all + coverage[kind][of], 0)
  // of nothing: not a number, which is not enough either
  const percent = (100 * sum('covered')) / sum('total')
  write(1, `coverage of ${kind}: ${percent.toFixed(2)} % (at least ${minimum} %)\n`)
  if (!(percent >= minimum)) process.exitCode = 1
}
