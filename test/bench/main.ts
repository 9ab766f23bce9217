/**
 * `npm run bench`: how fast the packaged binary is, as ratios.
 * `--runs N` rounds (25), `--seed N` of their order, `--json FILE` writes the results, `--record` stores them for
 * the page of benchmarks, which `npm run docs` writes.
 */
import { parseArgs } from 'node:util'
import { files } from '../../src/system/files.js'
import { RECORDED } from '../records/bench.js'
import { plain } from '../records/bench-tables.js'
import { bench } from './bench.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
})
const numbers = { runs: Number(values.runs), seed: Number(values.seed) }
if (!Number.isInteger(numbers.seed) || !Number.isInteger(numbers.runs) || numbers.runs < 1)
  throw new Error('--runs and --seed take whole numbers')
if (values.record && numbers.runs < 20) throw new Error('--record needs at least 20 runs')

process.stderr.write(`seed ${numbers.seed}, ${numbers.runs} rounds: `)
const results = await bench({ ...numbers, onRound: () => process.stderr.write('.') })
process.stderr.write('\n')
process.stdout.write(plain(results))
const text = `${JSON.stringify(results, null, 2)}\n`
for (const file of [values.json, values.record ? RECORDED : undefined]) if (file) files.replace(file, text)
