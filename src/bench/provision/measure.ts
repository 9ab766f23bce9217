import { compare, percentile, seededRandom, shuffled } from '../statistics.js'
import { type Batch, inBatch } from './pool.js'
import { COMPARISONS, type Measured, meets, type ProvisionResults, SIZES, type Way } from './results.js'
import type { Maker } from './ways.js'

export interface MeasureOptions {
  rounds: number
  /** Of the order within the rounds. */
  seed: number
  atOnce: number
  /** Volumes in one round, by cephflex; a way that starts processes makes `atOnce`. */
  perRound: number
  onRound: () => void
}

type Makers = Readonly<Record<Way, Maker>>

/** Makes volumes one after the other in number, `atOnce` of them at a time. */
const makeSome = (make: Maker, from: number, count: number, atOnce: number): Promise<Batch> =>
  inBatch(
    Array.from({ length: count }, (_, i) => () => make(from + i)),
    atOnce,
  )

const isOurs = (way: Way) => way === 'directory' || way === 'subvolume'

/** Every way in each round, every round in another order. The first round warms up and is dropped. */
export async function measureWays(
  makers: Makers,
  { rounds, seed, atOnce, perRound, onRound }: MeasureOptions,
): Promise<Pick<ProvisionResults, 'ways' | 'ratios'>> {
  const random = seededRandom(seed)
  const names = Object.keys(makers) as Way[]
  const batches = Object.fromEntries(names.map(way => [way, [] as Batch[]])) as Record<Way, Batch[]>
  for (let round = 0; round <= rounds; round += 1) {
    for (const way of shuffled(names, random)) {
      const count = isOurs(way) ? perRound : atOnce
      const batch = await makeSome(makers[way], round * count, count, atOnce)
      if (round > 0) batches[way].push(batch)
    }
    onRound()
  }
  const ways = Object.fromEntries(names.map(way => [way, summaryOf(batches[way])])) as Record<Way, Measured>
  const ratios = COMPARISONS.map(({ way, base, goal }) => {
    const ratio = compare(batches[base].map(msPerVolume), batches[way].map(msPerVolume))
    return { way, base, ratio, ...(goal === undefined ? {} : { met: meets(ratio.median, goal) }) }
  })
  return { ways, ratios }
}

const msPerVolume = ({ ms, each }: Batch): number => ms / each.length

function summaryOf(batches: readonly Batch[]): Measured {
  const each = batches.flatMap(batch => batch.each)
  return {
    volumes: each.length,
    perSecond: 1000 / percentile(batches.map(msPerVolume), 0.5),
    p50: percentile(each, 0.5),
    p99: percentile(each, 0.99),
  }
}

/** How many volumes are made to see how fast it goes with so many there. */
const WINDOW = 100
const WINDOW_BATCHES = 10

/**
 * Fills a new cluster, and measures on the way.
 *
 * @param commits where the milliseconds of each new user's commit by the monitor come in.
 */
export async function measureGrowth(
  make: Maker,
  atOnce: number,
  commits: number[],
): Promise<ProvisionResults['growth']> {
  const growth: ProvisionResults['growth'] = []
  let there = 0
  const add = async (count: number) => {
    const batch = await makeSome(make, there, count, atOnce)
    there += count
    return batch
  }
  for (const existing of SIZES) {
    await add(Math.max(0, existing - there))
    const batches: Batch[] = []
    commits.length = 0
    for (let i = 0; i < WINDOW_BATCHES; i += 1) batches.push(await add(WINDOW / WINDOW_BATCHES))
    const { perSecond, p50 } = summaryOf(batches)
    growth.push({ existing, perSecond, p50, commitP50: percentile(commits, 0.5) })
  }
  return growth
}
