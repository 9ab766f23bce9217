import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { COVERAGE_DIRECTORY } from '../lab/checkout/coverage.js'

if (process.env['_TAPJS_PROCESSINFO_COVERAGE_'] === '1') {
  const directory = resolve('.tap/coverage')
  mkdirSync(directory, { recursive: true })
  process.env[COVERAGE_DIRECTORY] = directory
  process.env['NODE_V8_COVERAGE'] = directory
}

/** The variables that record the coverage of Node programs, for a test that passes no others on. */
export const coverageEnv = (): Record<string, string | undefined> =>
  Object.fromEntries([COVERAGE_DIRECTORY, 'NODE_V8_COVERAGE'].map(name => [name, process.env[name]]))

/**
 * How to start the program of this checkout directly: program and arguments. tap makes each Node below a test load a
 * module, which takes longer than a whole call of the driver. The program records its coverage itself, to where tap's
 * report looks for it.
 */
export const asItIs = (program: string, args: readonly string[]): [string, string[]] => [
  'env',
  ['-u', 'NODE_OPTIONS', '-u', 'NODE_V8_COVERAGE', program, ...args],
]
