import type { BoundTimes, ProvisionResults } from '../../records/provision.js'
import { percentile } from '../statistics.js'

/** When a watch saw the changes of a claim, in milliseconds of one clock. */
export type Moments = {
  created: number
  /** Its PersistentVolume exists: the work of the controller is done. */
  made: number
  bound: number
}

/** A Kubernetes in which claims are created and bound. */
export type Claims = {
  /** Creates a claim. @returns when it is Bound. @throws Error if it is not bound in time. */
  bind: (name: string) => Promise<Moments>
}

export type BoundOptions = {
  oneByOne: number
  atOnce: number
}

/** @param all of claims that were measured together. */
export function boundTimes(all: readonly Moments[]): BoundTimes {
  const p = (pick: (each: Moments) => number, share: number) => percentile(all.map(pick), share)
  const seconds =
    (Math.max(...all.map(({ bound }) => bound)) - Math.min(...all.map(({ created }) => created))) / 1000
  return {
    claims: all.length,
    perSecond: all.length / seconds,
    p50: p(({ created, bound }) => bound - created, 0.5),
    p99: p(({ created, bound }) => bound - created, 0.99),
    madeP50: p(({ created, made }) => made - created, 0.5),
    bindingP50: p(({ made, bound }) => bound - made, 0.5),
    bindingP99: p(({ made, bound }) => bound - made, 0.99),
  }
}

/** First one claim after the other, then many at once. The very first opens the sessions and is not counted. */
export async function measureBound(
  { bind }: Claims,
  { oneByOne, atOnce }: BoundOptions,
): Promise<NonNullable<ProvisionResults['bound']>> {
  await bind('first')
  const single: Moments[] = []
  for (let i = 0; i < oneByOne; i += 1) single.push(await bind(`single-${i}`))
  const together = await Promise.all(Array.from({ length: atOnce }, (_, i) => bind(`together-${i}`)))
  return { oneByOne: boundTimes(single), atOnce: boundTimes(together) }
}
