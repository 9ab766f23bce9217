/**
 * `npm run bench`: how fast the packaged binary is, as ratios.
 * `--runs N` rounds (25), `--seed N` of their order, `--json FILE` writes the results, `--record` stores them for
 * the page of benchmarks, which `npm run docs` writes. `--only watch` measures what `recover --watch` costs while all is
 * well, in about three minutes.
 */
import { parseArgs } from 'node:util'
import { files } from '../../src/system/files.js'
import { RECORDED, type Results } from '../records/bench.js'
import { plain } from '../records/bench-tables.js'
import { bench, benchWatch, LEAST_RUNS } from './bench.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    json: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
})
const numbers = { runs: Number(values.runs), seed: Number(values.seed) }
if (!Number.isInteger(numbers.seed) || !Number.isInteger(numbers.runs) || numbers.runs < 1)
  throw new Error('--runs and --seed take whole numbers')
if (values.record && values.only === undefined && numbers.runs < LEAST_RUNS)
  throw new Error(`--record needs at least ${LEAST_RUNS} runs`)
if (values.only !== undefined && values.only !== 'watch') throw new Error('--only takes watch')

async function measure(): Promise<Results> {
  if (values.only)
    return { ...(JSON.parse(files.read(RECORDED) ?? '{}') as Results), watch: await benchWatch() }
  process.stderr.write(`seed ${numbers.seed}, ${numbers.runs} rounds: `)
  const measured = await bench({ ...numbers, onRound: () => process.stderr.write('.') })
  process.stderr.write('\n')
  return measured
}

const results = await measure()
process.stdout.write(plain(results))
const text = `${JSON.stringify(results, null, 2)}\n`
for (const file of [values.json, values.record ? RECORDED : undefined]) if (file) files.replace(file, text)
