import { ERRNO } from '../../core/ceph/errno.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import type { Caps } from '../../core/provision/caps/caps.js'
import { directoryUserProblem, userProblem } from '../../core/provision/proof.js'
import type { Volume } from '../../core/provision/volume.js'
import { Secret } from '../../core/secret.js'
import type { Provisioner } from './provisioner.js'

/**
 * The key of a volume's user, if its caps prove that it is this volume's user only: a pod can write another user into
 * the mark of its volume.
 *
 * @param volume without pool and namespace if they are not known.
 * @throws CephflexError ENOVOLUME if the user does not exist; ENOTOURS if it is not dedicated to this directory.
 */
export async function readVolumeKey(
  provisioner: Provisioner,
  volume: Pick<Volume, 'user' | 'path'> & Partial<Pick<Volume, 'pool' | 'namespace'>>,
): Promise<Secret> {
  const { user, path, pool, namespace } = volume
  const found = await findUser(provisioner, user)
  if (found?.key === undefined) throw new CephflexError('ENOVOLUME', `there is no user client.${user}`)
  const problem =
    pool === undefined || namespace === undefined
      ? directoryUserProblem({ user, path }, found.caps, provisioner.cluster)
      : userProblem({ user, path, pool, namespace }, found.caps, provisioner.cluster)
  if (problem !== undefined) throw keyRefused(user, problem)
  return new Secret(found.key)
}

/** The caps of a user; undefined if there is none. @throws CephflexError EPROVISION. */
export async function readUserCaps(provisioner: Provisioner, user: string): Promise<Caps | undefined> {
  return (await findUser(provisioner, user))?.caps
}

/**
 * All users of the cluster with their caps, without their keys.
 *
 * @throws CephflexError ENOCAPS if the provisioning key may not list them; ECLUSTER.
 */
export async function listUsers({ rados }: Provisioner): Promise<{ entity: string; caps: Caps }[]> {
  const answer = (await rados.command('mon', { prefix: 'auth ls' })) as {
    auth_dump: (AuthEntry & { entity: string })[]
  }
  return answer.auth_dump.map(({ entity, caps = {} }) => ({ entity, caps }))
}

/** More users than these are read with one command, if the key may. It shows every user of the cluster. */
const MAX_SINGLE = 50

/** The caps of a user; `problem`: why they cannot be read, as the end of a sentence. */
export type ReadCaps = { caps?: Caps | undefined; problem?: string }

/** The caps of many users, by name: with one command if they are many and the key may, else one by one. */
export async function readCaps(
  provisioner: Provisioner,
  users: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ReadCaps>> {
  const pairs = async () =>
    Promise.all([...users].map(async user => [user, await tryReadCaps(provisioner, user)] as const))
  return (await listCaps(provisioner, users.size)) ?? new Map(await pairs())
}

/**
 * The caps of all users of the cluster, by name.
 *
 * @param count how many are needed: for a few, each is read alone.
 * @returns undefined for a few, and if the key may not list the users.
 */
export async function listCaps(
  provisioner: Provisioner,
  count: number,
): Promise<ReadonlyMap<string, ReadCaps> | undefined> {
  if (count <= MAX_SINGLE) return undefined
  try {
    const listed = await listUsers(provisioner)
    return new Map(listed.map(({ entity, caps }) => [entity.replace(/^client\./, ''), { caps }]))
  } catch (error) {
    if (toCephflexError(error).code === 'ENOCAPS') return undefined
    throw error
  }
}

async function tryReadCaps(provisioner: Provisioner, user: string): Promise<ReadCaps> {
  try {
    return { caps: await readUserCaps(provisioner, user) }
  } catch (error) {
    const { code, message } = toCephflexError(error)
    // a user that this key may not read is not one of a volume
    if (code === 'EPROVISION') return { problem: message }
    throw error
  }
}

type AuthEntry = { key?: string; caps?: Caps }

function keyRefused(user: string, problem: string): CephflexError {
  return new CephflexError('ENOTOURS', `the key of client.${user} was not read: ${problem}`, {
    hint: `inspect the user with "cephflex volume lint ${user}": a pod can write another user into the mark of its volume`,
  })
}

async function findUser({ rados }: Provisioner, user: string): Promise<AuthEntry | undefined> {
  const { code, output, error } = await rados.ask('mon', { prefix: 'auth get', entity: `client.${user}` })
  if (code === ERRNO.noEntry) return undefined
  if (code === 0) return (output as AuthEntry[])[0]
  throw new CephflexError('EPROVISION', `client.${user} could not be looked up: ${error || `errno ${code}`}`)
}
