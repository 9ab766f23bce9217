import {
  COMPARISONS,
  type Measured,
  meets,
  type ProvisionResults,
  type Way,
} from '../../records/provision.js'
import { compare, percentile, seededRandom, shuffled } from '../statistics.js'
import { type Batch, inBatch } from './pool.js'
import type { Maker } from './ways.js'

export type MeasureOptions = {
  rounds: number
  /** Of the order within the rounds. */
  seed: number
  atOnce: number
  /** Volumes of cephflex in one round; a method that starts processes creates `atOnce`. */
  perRound: number
  onRound: () => void
}

type Makers = Readonly<Record<Way, Maker>>

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

/** Creates volumes in the order of their numbers, `atOnce` of them at a time. */
export function makeSome(make: Maker, from: number, count: number, atOnce: number): Promise<Batch> {
  return inBatch(
    Array.from({ length: count }, (_, i) => () => make(from + i)),
    atOnce,
  )
}

/** Of batches of one way. */
export function summaryOf(batches: readonly Batch[]): Measured {
  const each = batches.flatMap(batch => batch.each)
  return {
    volumes: each.length,
    perSecond: 1000 / percentile(batches.map(msPerVolume), 0.5),
    p50: percentile(each, 0.5),
    p99: percentile(each, 0.99),
  }
}

function isOurs(way: Way) {
  return way === 'directory' || way === 'subvolume'
}

function msPerVolume({ ms, each }: Batch): number {
  return ms / each.length
}
