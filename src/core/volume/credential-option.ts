import { CephflexError } from '../errors.js'
import { isBelow } from '../text/paths.js'
import { parseKeyMaterial, pickSecret, secretNames } from './cephx-key.js'
import type { Credential } from './volume.js'
import type { VolumeInput } from './volume-input.js'

/** At most one of `credential` and `keyError` is set. Neither is if a problem has been reported. */
export type ParsedCredential = { credential?: Credential; keyError?: CephflexError; problems: string[] }

/** The source of the key. Throws nothing. Problems are whole sentences and never quote the Secret. */
export function parseCredential(input: VolumeInput, user: string): ParsedCredential {
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

function fromSecret({ strings }: VolumeInput, user: string): ParsedCredential {
  try {
    return { credential: { from: 'secret', key: parseKeyMaterial(pickSecret(strings), user) }, problems: [] }
  } catch (error) {
    if (error instanceof CephflexError) return { keyError: error, problems: [] }
    throw error
  }
}
