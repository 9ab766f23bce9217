import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../core/node-config.js'
import { files } from '../system/files.js'

const DEFAULT_PATH = '/etc/cephflex/config.json'

/**
 * Reads the node's configuration: `$CEPHFLEX_CONFIG`, or
 * `/etc/cephflex/config.json` if it exists. zod is loaded only for a file.
 *
 * @throws DriverError EBADCONFIG with all problems.
 */
export const readNodeConfig = async (): Promise<NodeConfig> => {
  const text = files.read(process.env['CEPHFLEX_CONFIG'] ?? DEFAULT_PATH)
  if (text === undefined) return DEFAULT_NODE_CONFIG
  const { parseNodeConfig } = await import('../core/node-config-schema.js')
  return parseNodeConfig(text)
}
