import { type ProvisionResults, SIZES } from '../../records/provision.js'
import { percentile } from '../statistics.js'
import { makeSome, summaryOf } from './measure.js'
import type { Batch } from './pool.js'
import type { Maker } from './ways.js'

export type GrowthMakers = {
  volume: Maker
  /** The monitor's milliseconds for the commit of each new user, appended by the makers. */
  commits: number[]
  /** Creates only a user like that of a volume: the part of the monitor. */
  user: Maker
  removeUser: Maker
}

/** How many are created to measure the rate at a size. They must fit between two sizes. */
const BATCHES = 8
const PER_BATCH = 8
const ALONE = 26
const USERS = 40

type Growth = ProvisionResults['growth'][number]

/** Fills a new cluster, and measures at each size. */
export async function measureGrowth(
  { volume, commits, user, removeUser }: GrowthMakers,
  atOnce: number,
): Promise<Growth[]> {
  let there = 0
  const add = async (count: number, limit: number) => {
    const batch = await makeSome(volume, there, count, limit)
    there += count
    return batch
  }
  /** Several at once wait for each other. For one alone, all but the commit is this program and the file system. */
  const alone = async () => {
    commits.length = 0
    const { each } = await add(ALONE, 1)
    return { aloneP50: percentile(each, 0.5), aloneCommitP50: percentile(commits, 0.5) }
  }
  const users = async () => {
    const made = await makeSome(user, 0, USERS, atOnce)
    await makeSome(removeUser, 0, USERS, atOnce)
    return { usersPerSecond: summaryOf([made]).perSecond }
  }
  const measure = async (existing: number): Promise<Growth> => {
    await add(Math.max(0, existing - there), atOnce)
    const batches: Batch[] = []
    commits.length = 0
    for (let i = 0; i < BATCHES; i += 1) batches.push(await add(PER_BATCH, atOnce))
    const { perSecond, p50 } = summaryOf(batches)
    const commitP50 = percentile(commits, 0.5)
    return { existing, perSecond, p50, commitP50, ...(await alone()), ...(await users()) }
  }
  const growth: Growth[] = []
  for (const existing of SIZES) growth.push(await measure(existing))
  return growth
}

/**
 * How many users without caps a monitor creates per second, with as many existing ones as there are volumes in the
 * other cluster.
 */
export async function measureBareUsers(bareUser: Maker, atOnce: number): Promise<number[]> {
  let there = 0
  const add = async (count: number) => {
    const batch = await makeSome(bareUser, there, count, atOnce)
    there += count
    return summaryOf([batch]).perSecond
  }
  const found: number[] = []
  for (const existing of SIZES) {
    await add(existing - there)
    found.push(await add(USERS))
  }
  return found
}
