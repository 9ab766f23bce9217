import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../../core/config/node-config.js'
import { CephflexError } from '../../core/errors.js'
import { files } from '../../system/files.js'

const DEFAULT_PATH = '/etc/cephflex/config.json'

/**
 * Reads the node's configuration, or returns the defaults if there is no file.
 * Loads zod only for a file.
 *
 * @throws CephflexError EBADCONFIG with the file and all its problems.
 */
export async function readNodeConfig(): Promise<NodeConfig> {
  const path = nodeConfigPath()
  const text = files.read(path)
  if (text === undefined) return DEFAULT_NODE_CONFIG
  const { parseNodeConfig } = await import('../../core/config/node-config-schema.js')
  try {
    return parseNodeConfig(text)
  } catch (error) {
    if (!(error instanceof CephflexError)) throw error
    throw new CephflexError(error.code, `${path}: ${error.message}`, { hint: `correct ${path} on this node` })
  }
}

/** The path of the node's configuration: `$CEPHFLEX_CONFIG`, or `/etc/cephflex/config.json`. */
export function nodeConfigPath(): string {
  return process.env['CEPHFLEX_CONFIG'] ?? DEFAULT_PATH
}
