import { CephflexError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { parseKeyMaterial } from '../../core/volume/cephx-key.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'

const MAX_BYTES = 64 * 1024

/**
 * The key of a volume: from the Secret in the call, or from a file on this
 * node that holds a bare key or a keyring.
 *
 * @throws CephflexError EBADKEY, which never quotes the file.
 */
export function readKey(
  system: System,
  { credential, user }: Pick<VolumeOptions, 'credential' | 'user'>,
): Secret {
  return credential.from === 'secret'
    ? credential.key
    : parseKeyMaterial(readFile(system, credential.path), user)
}

function readFile({ config, files }: System, path: string): Buffer {
  const real = files.realPath(path)
  const isAllowed = config.secretDirectories.some(directory =>
    real?.startsWith(`${files.realPath(directory)}/`),
  )
  if (real === undefined || !isAllowed || files.kind(real) !== 'file' || files.size(real) > MAX_BYTES)
    throw refused(path)
  const content = files.readBytes(real)
  if (content === undefined) throw refused(path)
  return content
}

/** The same message for every cause, so that it reveals nothing about other files. */
function refused(path: string) {
  return new CephflexError(
    'EBADKEY',
    `secretFile ${path} is not a readable file below a directory in secretDirectories`,
  )
}
