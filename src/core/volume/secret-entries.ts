import { CephflexError } from '../errors.js'
import { secretEntry, secretOption } from '../kubelet/call-options.js'
import { CEPH_USER } from '../text/names.js'
import { printable } from '../text/printable.js'
import { decodeBase64 } from './key-text.js'

/** Whose key it is if neither the volume nor the Secret names a user: the default of the option `user`. */
const DEFAULT_USER = 'admin'

type Entries = Readonly<Record<string, string>>

/** An entry of a Secret with a key, and the one that names its user, as other programs call them. */
type Pair = { key: string; user: string }

const PAIRS: readonly Pair[] = [
  // ceph-csi; Rook has the same, and another pair of its own
  { key: 'userKey', user: 'userID' },
  { key: 'adminKey', user: 'adminID' },
  { key: 'ceph-secret', user: 'ceph-username' },
]

/** The entry with the key, and its user. */
type Choice = { key: string; id: string | undefined }

/** The content of a Secret's entry with a key; `user` if the Secret also names its user. */
export type PickedKey = { content: Buffer; user?: string }

/**
 * The key in a Secret: the entry `key`; or the one that belongs to `user` in the Secrets of ceph-csi and Rook; or
 * `keyring`; or the only entry.
 *
 * @param entries the options of a call, of which only `kubernetes.io/secret/…` (base64) are used.
 * @param user the user that the volume names, if it names one.
 * @throws CephflexError EBADKEY if there is no such entry, it is not base64, or it is the key of another user. Names
 *   entries and users, never quotes a key.
 */
export function pickSecret(entries: Entries, user?: string): PickedKey {
  const names = secretNames(entries)
  if (names.length === 0)
    throw bad('the call contains no key: the volume needs a secretRef, and its Secret an entry "key"')
  const { key, id } = choose(entries, names, user)
  return { content: contentOf(entries, key), ...(id === undefined ? {} : { user: id }) }
}

/** The names of the Secret's entries in the options of a call. */
export function secretNames(entries: Entries): string[] {
  return Object.keys(entries).flatMap(name => secretEntry(name) ?? [])
}

function choose(entries: Entries, names: readonly string[], user: string | undefined): Choice {
  const pairs = PAIRS.filter(({ key }) => isGiven(entries, key)).map(pair => ({
    ...pair,
    id: userIn(entries, pair.user),
  }))
  if (names.includes('key'))
    return { key: 'key', id: user ?? (pairs.length > 0 ? undefined : userIn(entries, 'userID')) }
  const pair = user === undefined ? pairs[0] : pairs.find(({ id = user }) => id === user)
  if (pair !== undefined) return pair
  return { key: ownName(names, user ?? DEFAULT_USER) ?? otherName(names, pairs, user), id: user }
}

/** Rook calls the entry of a CephClient like its user, and `kubectl create --from-file` like the keyring. */
function ownName(names: readonly string[], user: string): string | undefined {
  return [user, `client.${user}`, `ceph.client.${user}.keyring`, 'keyring'].find(name => names.includes(name))
}

function otherName(
  names: readonly string[],
  pairs: readonly (Pair & Choice)[],
  user: string | undefined,
): string {
  if (pairs.length > 0) {
    const found = pairs.map(pair => `${printable(`client.${pair.id}`)} (${pair.user})`).join(' and ')
    throw bad(`the Secret contains the key of ${found}, not of ${printable(`client.${user}`)}`)
  }
  const candidates = names.filter(name => !PAIRS.some(pair => pair.user === name))
  const [first, second] = candidates
  if (first !== undefined && second === undefined) return first
  const list = names.slice(0, 10).map(name => printable(name))
  throw bad(
    first === undefined
      ? `the Secret names a user, but has no key: ${list.join(', ')}`
      : `the Secret has no entry "key" and more than one other entry: ${list.join(', ')}`,
  )
}

function isGiven(entries: Entries, name: string): boolean {
  return Boolean(entries[secretOption(name)])
}

/** The user that an entry names, without `client.`. The name itself, put where base64 of it was expected, counts too. */
function userIn(entries: Entries, name: string): string | undefined {
  if (!isGiven(entries, name)) return undefined
  const content = contentOf(entries, name)
  const text = content.toString('utf8').trim()
  if (text === '') return undefined
  const id = (text.includes('\uFFFD') ? content.toString('base64') : text).replace(/^client\./, '')
  if (CEPH_USER.test(id)) return id
  throw bad(`the entry ${printable(name)} of the Secret is not the name of a Ceph user`)
}

function contentOf(entries: Entries, name: string): Buffer {
  const encoded = (entries[secretOption(name)] ?? '').replace(/[\r\n]+/g, '')
  if (encoded === '') throw bad(`the entry ${printable(name)} of the Secret is empty`)
  const bytes = decodeBase64(encoded)
  if (bytes === undefined) throw bad(`the entry ${printable(name)} of the Secret is not base64`)
  return bytes
}

function bad(message: string): CephflexError {
  return new CephflexError('EBADKEY', message)
}
