import { CephflexError } from '../errors.js'
import { isBelow } from '../text/paths.js'
import { parseKeyMaterial, storeKeyOf } from './cephx-key.js'
import { pickSecret, secretNames } from './secret-entries.js'
import type { Credential } from './volume.js'
import type { VolumeInput } from './volume-input.js'

/**
 * At most one of `credential` and `keyError` is set. Neither is if a problem has been reported. `user`: whose key it
 * is, if the Secret says so.
 */
export type ParsedCredential = {
  credential?: Credential
  keyError?: CephflexError
  user?: string
  problems: string[]
}

/**
 * The source of the key. Throws nothing. Problems are whole sentences and never quote the Secret.
 *
 * @param user the user that the options name, if they name one.
 */
export function parseCredential(input: VolumeInput, user: string | undefined): ParsedCredential {
  const { strings, rejected, values } = input
  if (values.secretFile !== undefined) return fromFile(values.secretFile, input)
  const isReported = (key: string): boolean => key === 'secretFile' || secretNames({ [key]: '' }).length > 0
  if ('secretFile' in strings || rejected.some(isReported)) return { problems: [] }
  return fromSecret(input, user)
}

function fromFile(path: string, { strings, config }: VolumeInput): ParsedCredential {
  const problems: string[] = []
  if (secretNames(strings).length > 0)
    problems.push('secretFile and a Secret are mutually exclusive: use only one')
  // does not reveal whether the file exists: the author of a volume could probe the node's files
  if (!config.secretDirectories.some(directory => isBelow(path, directory))) {
    problems.push("secretFile must be below one of the secretDirectories in this node's configuration")
  }
  return problems.length > 0 ? { problems } : { credential: { from: 'file', path }, problems }
}

function fromSecret({ strings, values }: VolumeInput, wanted: string | undefined): ParsedCredential {
  try {
    const { content, user = wanted } = pickSecret(strings, wanted)
    const key = parseKeyMaterial(content, user ?? values.user)
    return { credential: { from: 'secret', key }, ...(user === undefined ? {} : { user }), problems: [] }
  } catch (error) {
    if (!(error instanceof CephflexError)) throw error
    const hint = wanted === undefined ? error.hint : storeKeyOf(wanted)
    return { keyError: new CephflexError(error.code, error.message, { hint }), problems: [] }
  }
}
