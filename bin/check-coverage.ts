import { files } from '../src/system/files.js'
import { write } from '../src/system/output.js'

/** What the suite must reach, in percent. The driver runs as a child in most tests, and is counted there. */
const LEAST = { lines: 97, branches: 90, functions: 95 }

type Summary = { total: Record<keyof typeof LEAST, { pct: number }> }

const summary = JSON.parse(files.read('.tap/report/coverage-summary.json') ?? '{}') as Summary
for (const [name, least] of Object.entries(LEAST)) {
  const { pct } = summary.total[name as keyof typeof LEAST]
  write(1, `coverage of ${name}: ${pct} % (at least ${least} %)\n`)
  if (pct < least) process.exitCode = 1
}
