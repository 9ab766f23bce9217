import { resolve } from 'node:path'

if (process.env['_TAPJS_PROCESSINFO_COVERAGE_'] === '1')
  process.env['NODE_V8_COVERAGE'] = resolve('.tap/coverage')

/**
 * How to start a Node program of this project directly: program and arguments. tap makes each Node below a test load a
 * module, which takes longer than a whole call of the driver. V8 writes the same coverage, to where tap's report looks
 * for it.
 */
export const asItIs = (program: string, args: readonly string[]): [string, string[]] => [
  'env',
  ['-u', 'NODE_OPTIONS', program, ...args],
]
