import { z } from 'zod'

/** The directory of the results, one file per suite. */
export const COMPAT_DIRECTORY = 'test/records/results/compat'

const text = z.string().min(1)

export type CompatRow = z.infer<typeof CompatRow>

export type CompatResults = z.infer<typeof CompatResults>

type DatedRow = CompatRow & { date: string }

/** Reads a result file. @throws ZodError or SyntaxError if it was edited by hand and is not valid. */
export function parseCompatResults(json: string): CompatResults {
  return CompatResults.parse(JSON.parse(json))
}

/**
 * The rows of the table of the page `compatibility`, and one line for everything
 * that was not covered.
 */
export function compatRows(results: readonly CompatResults[]): {
  tried: readonly (readonly string[])[]
  notCovered: readonly string[]
} {
  const groups = new Map<string, [DatedRow, ...DatedRow[]]>()
  for (const { date, rows } of results)
    for (const row of rows) {
      const group = groups.get(keyOf(row))
      if (group) group.push({ ...row, date })
      else groups.set(keyOf(row), [{ ...row, date }])
    }
  const sorted = [...groups.values()].map(merge).sort(byVersion)
  return {
    tried: sorted
      .filter(row => !isUntried(row))
      .map(row => [row.subject, row.version, row.arch, casesOf(row), row.date, row.note ?? '']),
    notCovered: sorted
      .filter(isUntried)
      .map(
        ({ subject, version, arch, note }) => `${subject} ${version} on ${arch}${note ? `: ${note}` : ''}`,
      ),
  }
}

/**
 * One thing that a suite has run with. If no case has passed or failed, `note`
 * is the reason why it could not be tested.
 */
const CompatRow = z.strictObject({
  /** What kind of thing it is. */
  area: z.enum(['kubelet', 'ceph', 'engine', 'kernel', 'systemd', 'protocol']),
  /** The thing, such as `ceph-fuse`. */
  subject: text,
  version: text,
  arch: z.enum(['x86-64', 'arm64']),
  cases: z.strictObject({ passed: z.int().min(0), failed: z.int().min(0) }),
  note: text.optional(),
})

const CompatResults = z.strictObject({ date: z.iso.date(), rows: z.array(CompatRow) })

function keyOf({ area, subject, version, arch }: CompatRow) {
  return [area, subject, version, arch].join('\n')
}

/** The results of several suites for one thing, as one row with the oldest date. */
function merge(rows: readonly [DatedRow, ...DatedRow[]]): DatedRow {
  const notes = new Set(rows.flatMap(({ note }) => note ?? []))
  return {
    ...rows[0],
    ...(notes.size > 0 ? { note: [...notes].join('; ') } : {}),
    cases: {
      passed: sum(rows.map(({ cases }) => cases.passed)),
      failed: sum(rows.map(({ cases }) => cases.failed)),
    },
    date: rows.map(({ date }) => date).sort()[0] ?? rows[0].date,
  }
}

function sum(numbers: readonly number[]) {
  return numbers.reduce((total, number) => total + number, 0)
}

function byVersion(one: DatedRow, other: DatedRow) {
  return (
    one.area.localeCompare(other.area) ||
    one.subject.localeCompare(other.subject) ||
    one.version.localeCompare(other.version, 'en', { numeric: true }) ||
    one.arch.localeCompare(other.arch)
  )
}

function isUntried({ cases }: CompatRow) {
  return cases.passed + cases.failed === 0
}

function casesOf({ cases }: CompatRow): string {
  const all = cases.passed + cases.failed
  return cases.failed === 0 ? `all ${all}` : `${cases.passed} of ${all}`
}
