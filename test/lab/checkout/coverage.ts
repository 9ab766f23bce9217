import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'

/** The directory in which tap's report looks for coverage, while it is recorded; it exists. */
export const COVERAGE_DIRECTORY = 'TEST_COVERAGE_DIRECTORY'

const OURS = /^file:\/\/.*\/dist\/(src|bin)\//

/**
 * Records what this process runs of the program, and writes it at the end. Node.js writes the same for
 * NODE_V8_COVERAGE, with all libraries and source maps: five times as much, which takes longer to write, and to read for
 * the report.
 */
export function recordCoverage(): void {
  const directory = process.env[COVERAGE_DIRECTORY]
  if (directory === undefined || process.env['NODE_V8_COVERAGE']) return
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  process.on('exit', () => {
    session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error) return
      const result = coverage.result.filter(({ url }) => OURS.test(url))
      // a call may have a user or a root of its own that cannot write there
      try {
        writeFileSync(
          `${directory}/${process.pid}-${process.hrtime.bigint()}.json`,
          JSON.stringify({ result }),
        )
      } catch {}
    })
  })
}
