/**
 * `npm run bench:provision`: how fast volumes are created, compared with a process for each command, and how long a
 * PVC waits.
 * `--runs N` rounds (20), `--seed N` of their order, `--json FILE` writes the results, `--record` stores them for
 * the page of benchmarks, which `npm run docs` writes. `--only scale` or `--only pace` measures one part: many volumes
 * (`--sizes N,N,...`, `--volume-sizes` of those with a user each, `--namespaces N`), or many claims at once (`--claims N`, `--program FILE` of another build).
 */
import { parseArgs } from 'node:util'
import { interruptible } from '../../../src/cli/interrupts.js'
import { files } from '../../../src/system/files.js'
import { type ProvisionResults, RECORDED_PROVISION, SCALE_SIZES } from '../../records/provision.js'
import { partPlain, provisionPlain } from '../../records/provision-tables.js'
import { benchProvision, describeMachine, rounded } from './bench.js'
import { openClaimsLab } from './claims-lab.js'
import { inLab } from './lab.js'
import { measurePace } from './pace.js'
import { benchScale } from './scale.js'

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
    only: { type: 'string' },
    sizes: { type: 'string', default: SCALE_SIZES.join(',') },
    'volume-sizes': { type: 'string' },
    namespaces: { type: 'string', default: '100' },
    claims: { type: 'string', default: String(CLAIMS.atOnce) },
    program: { type: 'string' },
    json: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
})
const [rounds, seed] = [Number(values.runs), Number(values.seed)]
if (!Number.isInteger(seed) || !Number.isInteger(rounds) || rounds < 1)
  throw new Error('--runs and --seed take whole numbers')
if (values.record && values.only === undefined && rounds < LEAST_ROUNDS)
  throw new Error(`--record needs at least ${LEAST_ROUNDS} rounds`)

type Part = Pick<ProvisionResults, 'scale' | 'pace'>

const PARTS: Record<string, (signal: AbortSignal) => Promise<Part>> = {
  scale: async signal => {
    const sizesOf = (text: string) => text.split(',').map(Number)
    const namespaces = Number(values.namespaces)
    const sizes = {
      namespace: sizesOf(values.sizes),
      volume: sizesOf(values['volume-sizes'] ?? values.sizes),
    }
    const onSize = (userPer: string, existing: number) => process.stderr.write(`${existing} per ${userPer} `)
    const options = { sizes, namespaces, atOnce: AT_ONCE, onSize, signal }
    const { date, machine } = describeMachine()
    return { scale: { date, machine, namespaces, ...(await benchScale(options)) } }
  },
  pace: async () => {
    const { date, machine } = describeMachine()
    const measured = await inLab(async lab => {
      const claimsLab = await openClaimsLab(lab, { program: values.program })
      return measurePace(claimsLab, Number(values.claims)).finally(claimsLab.close)
    })
    return { pace: { date, machine, ...measured } }
  },
}

async function measure(signal: AbortSignal): Promise<{ results: Partial<ProvisionResults>; text: string }> {
  if (values.only === undefined) {
    process.stderr.write(`seed ${seed}, ${rounds} rounds: `)
    const onRound = () => process.stderr.write('.')
    const sizes = { rounds, seed, atOnce: AT_ONCE, perRound: PER_ROUND, claims: CLAIMS }
    const measured = await benchProvision({ ...sizes, onRound, signal })
    return { results: { ...recorded(), ...measured }, text: provisionPlain(measured) }
  }
  const part = await PARTS[values.only]?.(signal)
  if (part === undefined) throw new Error(`--only takes ${Object.keys(PARTS).join(' or ')}`)
  return { results: { ...recorded(), ...rounded(part) }, text: partPlain(part) }
}

/** What other runs have recorded: each run replaces its own parts. */
function recorded(): Partial<ProvisionResults> {
  return JSON.parse(files.read(RECORDED_PROVISION) ?? '{}') as Partial<ProvisionResults>
}

const { results, text } = await interruptible(signal =>
  measure(signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
    process.stderr.write(' stopped, and cleaned up\n')
    process.exit(130)
  }),
)
process.stderr.write('\n')
process.stdout.write(text)
for (const file of [values.json, values.record ? RECORDED_PROVISION : undefined])
  if (file) files.replace(file, `${JSON.stringify(results, null, 2)}\n`)
