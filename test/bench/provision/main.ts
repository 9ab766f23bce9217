/**
 * `npm run bench:provision`: how fast volumes are created, compared with a process for each command, and how long a
 * PVC waits.
 * `--runs N` rounds (20), `--seed N` of their order, `--json FILE` writes the results, `--record` stores them for
 * the page of benchmarks, which `npm run docs` writes.
 */
import { parseArgs } from 'node:util'
import { interruptible } from '../../../src/cli/interrupts.js'
import { files } from '../../../src/system/files.js'
import { RECORDED_PROVISION } from '../../records/provision.js'
import { provisionPlain } from '../../records/provision-tables.js'
import { benchProvision } from './bench.js'

/** Volumes created at once, and by cephflex in one round: 200 in 20 rounds. */
const AT_ONCE = 4
const PER_ROUND = 10
const LEAST_ROUNDS = 20
/** Claims through Kubernetes. */
const CLAIMS = { oneByOne: 50, atOnce: 200 }

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: String(LEAST_ROUNDS) },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
})
const [rounds, seed] = [Number(values.runs), Number(values.seed)]
if (!Number.isInteger(seed) || !Number.isInteger(rounds) || rounds < 1)
  throw new Error('--runs and --seed take whole numbers')
if (values.record && rounds < LEAST_ROUNDS) throw new Error(`--record needs at least ${LEAST_ROUNDS} rounds`)

process.stderr.write(`seed ${seed}, ${rounds} rounds: `)
const results = await interruptible(signal =>
  benchProvision({
    rounds,
    seed,
    atOnce: AT_ONCE,
    perRound: PER_ROUND,
    claims: CLAIMS,
    onRound: () => process.stderr.write('.'),
    signal,
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error
    process.stderr.write(' stopped, and cleaned up\n')
    process.exit(130)
  }),
)
process.stderr.write('\n')
process.stdout.write(provisionPlain(results))
const text = `${JSON.stringify(results, null, 2)}\n`
for (const file of [values.json, values.record ? RECORDED_PROVISION : undefined])
  if (file) files.replace(file, text)
