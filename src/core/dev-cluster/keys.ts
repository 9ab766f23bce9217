import { Secret } from '../secret.js'
import type { DaemonName } from './spec.js'

/** Random bytes in a key. */
export const KEY_BYTES = 16

const ALL = 'allow *'
const MDS_CAPS = { mon: 'allow profile mds', osd: ALL, mds: ALL, mgr: 'allow profile mds' }

/** The users of a new cluster, and their caps. */
const CAPS = {
  'mon.': { mon: ALL },
  'client.admin': { mon: ALL, osd: ALL, mds: ALL, mgr: ALL },
  'osd.0': { mon: 'allow profile osd', osd: ALL, mgr: 'allow profile osd' },
  'mds.a': MDS_CAPS,
  'mds.b': MDS_CAPS,
  'mgr.x': { mon: 'allow profile mgr', osd: ALL, mds: ALL },
} as const satisfies Record<string, Record<string, string>>

type Entity = keyof typeof CAPS
const ENTITIES = Object.keys(CAPS) as Entity[]

const ENTITY_OF: Record<Exclude<DaemonName, 'mon'>, Entity> = {
  osd: 'osd.0',
  mds: 'mds.a',
  mds2: 'mds.b',
  mgr: 'mgr.x',
}

/**
 * A cephx key: base64 of type (AES, 1), seconds, nanoseconds, length and the bytes themselves, little-endian
 * (`CryptoKey::encode` in Ceph's src/auth/Crypto.cc).
 *
 * @param random {@link KEY_BYTES} bytes.
 * @param nowS seconds since 1970.
 */
export function cephKey(random: Uint8Array, nowS: number): Secret {
  const header = Buffer.alloc(12)
  header.writeUInt16LE(1, 0)
  header.writeUInt32LE(nowS >>> 0, 2)
  header.writeUInt32LE(0, 6)
  header.writeUInt16LE(random.length, 10)
  return new Secret(Buffer.concat([header, random]).toString('base64'))
}

/**
 * The keyring files of a new cluster, by path below its directory. `keyring.boot` also contains the caps: the first
 * monitor takes its users from it.
 *
 * @param newKey called once for each user.
 */
export function keyringFiles(newKey: () => Secret): Record<string, string> {
  const keys = new Map(ENTITIES.map(entity => [entity, newKey()]))
  const of = (entity: Entity) => section(entity, keys.get(entity) ?? newKey())
  const withCaps = (entity: Entity) => {
    const caps = Object.entries(CAPS[entity]).map(([service, cap]) => `\tcaps ${service} = "${cap}"\n`)
    return of(entity) + caps.join('')
  }
  const daemons = Object.entries(ENTITY_OF).map(([name, entity]) => [`${name}/keyring`, of(entity)])
  return {
    'keyring.boot': ENTITIES.map(withCaps).join(''),
    keyring: of('client.admin'),
    ...Object.fromEntries(daemons),
  }
}

/** The first key in the text of a keyring; undefined if there is none. */
export function keyFrom(keyring: string): Secret | undefined {
  const key = /^\s*key\s*=\s*(\S+)\s*$/m.exec(keyring)?.[1]
  return key === undefined ? undefined : new Secret(key)
}

function section(entity: Entity, key: Secret) {
  return `[${entity}]\n\tkey = ${key.reveal()}\n`
}
