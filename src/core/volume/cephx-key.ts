import { EXPLANATIONS } from '../error-codes.js'
import { CephflexError } from '../errors.js'
import { Secret } from '../secret.js'
import { CEPH_USER } from '../text/names.js'
import { printable } from '../text/printable.js'
import { shellWord } from '../text/shell.js'
import { decodeBase64, isKey, isUtf16, keyOfBytes, keyProblem } from './key-text.js'
import { type KeyOfEntity, readEntities } from './keyring-text.js'

/**
 * Finds the key in the content of a Secret's entry or of a key file: a bare key, with or without blanks around it; the
 * bytes of a key; a keyring or the JSON of `ceph auth get`, with a section for `user`; or one of these, base64-encoded.
 *
 * @throws CephflexError EBADKEY with the cause. It quotes nothing of the content but names of users.
 */
export function parseKeyMaterial(material: string | Uint8Array, user: string): Secret {
  return parseLayer(material, user, true)
}

/** The hint for a key of `user` that cannot be used. */
export function storeKeyOf(user: string): string {
  return EXPLANATIONS.EBADKEY.fix.replace('client.USER', () => shellWord(`client.${user}`))
}

function parseLayer(material: string | Uint8Array, user: string, mayBeEncoded: boolean): Secret {
  const bytes = Buffer.from(material)
  const raw = keyOfBytes(bytes)
  if (raw !== undefined) return new Secret(raw)
  const text = bytes.toString('utf8').trim()
  if (text === '') throw bad('the key is empty', user)
  // the Latin letters of UTF-16 look like a keyring with other names
  const entities = isUtf16(bytes) ? undefined : readEntities(text)
  if (entities !== undefined) return keyOf(entities, user)
  if (isKey(text)) return new Secret(text)
  // base64(1) wraps lines, so what is encoded again may have several
  const inner = mayBeEncoded ? decodeBase64(text.replace(/[\r\n]+/g, '')) : undefined
  if (inner !== undefined && holdsKey(inner)) return parseLayer(inner, user, false)
  throw bad(`the key is not a cephx key: it ${keyProblem(bytes)}`, user)
}

function holdsKey(bytes: Buffer): boolean {
  const text = bytes.toString('utf8').trim()
  return keyOfBytes(bytes) === undefined && (isKey(text) || readEntities(text) !== undefined)
}

/** Ceph takes the last of several keys for one entity. */
function keyOf(entities: readonly KeyOfEntity[], user: string): Secret {
  const entity = `client.${user}`
  const keys = entities.filter(found => found.entity === undefined || found.entity === entity)
  const { key } = keys.at(-1) ?? {}
  if (keys.length === 0) throw bad(`the keyring has no section ${printable(entity)}${others(entities)}`, user)
  if (key === undefined)
    throw bad(
      `the section ${printable(entity)} of the keyring contains no key: it needs a line "key = ..."`,
      user,
    )
  if (isKey(key)) return new Secret(key)
  const problem = key === '' ? 'is empty' : keyProblem(Buffer.from(key))
  throw bad(`the key of ${printable(entity)} in the keyring is not a cephx key: it ${problem}`, user)
}

function others(entities: readonly KeyOfEntity[]): string {
  // a name is not secret, but the text between the brackets need not be a name
  const names = [...new Set(entities.map(({ entity = '' }) => entity))].filter(
    entity => entity.startsWith('client.') && CEPH_USER.test(entity),
  )
  return names.length === 0 ? '' : `, only ${names.map(name => printable(name)).join(', ')}`
}

function bad(message: string, user: string): CephflexError {
  return new CephflexError('EBADKEY', message, { hint: storeKeyOf(user) })
}
