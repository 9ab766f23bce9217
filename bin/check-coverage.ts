import { files } from '../src/system/files.js'
import { write } from '../src/system/output.js'

/** Minimum coverage of the suite in percent. Most tests run the driver as a child, which counts as well. */
const MINIMUM = { lines: 97, branches: 90, functions: 95 }

type Summary = { total: Record<keyof typeof MINIMUM, { pct: number }> }

const summary = JSON.parse(files.read('.tap/report/coverage-summary.json') ?? '{}') as Summary
for (const [name, minimum] of Object.entries(MINIMUM)) {
  const { pct } = summary.total[name as keyof typeof MINIMUM]
  write(1, `coverage of ${name}: ${pct} % (at least ${minimum} %)\n`)
  if (pct < minimum) process.exitCode = 1
}
