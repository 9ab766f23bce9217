import { tenantVolumeNames, volumeNames } from '../../../src/core/provision/names.js'
import { tenantFor } from '../../../src/core/provision/tenant.js'
import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import { createVolume } from '../../../src/ops/provision/volumes.js'
import type { ScaleResults, UserPer } from '../../records/provision.js'
import { withLateUsers } from './import-users.js'
import { inLab, type ProvisionLab } from './lab.js'
import { makeSome, summaryOf } from './measure.js'
import type { Batch } from './pool.js'
import { measureThere, type Scaled } from './there.js'
import { type Maker, users, watchCommits } from './ways.js'

export type ScaleOptions = {
  /** The numbers of existing volumes at which the rate is measured, with a user for each of these. */
  sizes: Record<UserPer, readonly number[]>
  /** How many Kubernetes namespaces the volumes of the largest size are in. */
  namespaces: number
  atOnce: number
  onSize: (userPer: UserPer, existing: number) => void
  signal: AbortSignal
}

const BATCHES = 8
const PER_BATCH = 8
const USERS = 24
const FILLED_AT_ONCE = 100
const SIZE = 8n * 2n ** 20n

/** Fills a cluster with volumes that have a user each, and another one with volumes that have one per namespace. */
export async function benchScale(options: ScaleOptions): Promise<Pick<ScaleResults, 'growth' | 'there'>> {
  const growth: ScaleResults['growth'] = []
  const there: ScaleResults['there'] = []
  for (const userPer of ['namespace', 'volume'] as const) {
    await inLab(async lab => {
      growth.push(...(await grow(lab, userPer, options)))
      there.push({ userPer, ...(await measureThere(lab, scaledBy(userPer, options))) })
    })
  }
  return { growth, there }
}

const CLAIM_ROOT = '/volumes/scale'

async function grow(
  lab: ProvisionLab,
  userPer: UserPer,
  { sizes, namespaces, atOnce, onSize, signal }: ScaleOptions,
): Promise<ScaleResults['growth']> {
  const commits: number[] = []
  const provisioner = watchCommits(await lab.open('directory', CLAIM_ROOT), commits)
  const { user, removeUser } = users(provisioner)
  const scaled = scaledBy(userPer, { sizes, namespaces })
  const make = maker(provisioner, scaled)
  const { filling, importUsers } = withLateUsers(lab, provisioner)
  const fill = userPer === 'volume' ? maker(filling, scaled) : make
  const found: ScaleResults['growth'] = []
  let there = 0
  const add = async (count: number, how: Maker) => {
    signal.throwIfAborted()
    const batch = await makeSome(how, there, count, atOnce)
    there += count
    return batch
  }
  for (const existing of sizes[userPer]) {
    while (there < existing) await add(Math.min(FILLED_AT_ONCE, existing - there), fill)
    await importUsers()
    const batches: Batch[] = []
    for (let i = 0; i < BATCHES; i += 1) batches.push(await add(PER_BATCH, make))
    const { perSecond, p50 } = summaryOf(batches)
    const alone = await makeSome(user, 0, USERS, atOnce)
    await makeSome(removeUser, 0, USERS, atOnce)
    found.push({ userPer, existing, perSecond, p50, usersPerSecond: summaryOf([alone]).perSecond })
    onSize(userPer, existing)
  }
  return found
}

function scaledBy(
  userPer: UserPer,
  { sizes, namespaces }: Pick<ScaleOptions, 'sizes' | 'namespaces'>,
): Scaled {
  const volumes = sizes[userPer].at(-1) ?? 0
  return { claimRoot: CLAIM_ROOT, userPer, volumes, perNamespace: Math.ceil(volumes / namespaces) }
}

/** Namespaces fill one after another, so that one in `perNamespace` volumes creates a user. */
function maker(provisioner: Provisioner, { userPer, perNamespace }: Scaled): Maker {
  return async number => {
    const pv = `scale-${number}`
    const tenant = tenantFor(`namespace-${Math.floor(number / perNamespace)}`, provisioner.cluster, undefined)
    const names = userPer === 'namespace' ? tenantVolumeNames(pv, tenant) : volumeNames(pv, 'directory')
    const request = { pv, names, sizeBytes: SIZE, readOnly: false, mode: 0o777 }
    const { volume } = await createVolume(provisioner, request)
    if (volume?.path === undefined) throw new Error(`${pv} was not created`)
  }
}
