import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../../core/config/node-config.js'
import { CephflexError } from '../../core/errors.js'
import { errno, files } from '../../system/files.js'

const DEFAULT_PATH = '/etc/cephflex/config.json'

/** What can be used of the node's configuration, and what is wrong with the rest. */
export type UsableConfig = { config: NodeConfig; problem?: CephflexError }

/**
 * Reads the node's configuration, or returns the defaults if there is no file.
 *
 * @throws CephflexError EBADCONFIG with the file and all its problems.
 */
export async function readNodeConfig(): Promise<NodeConfig> {
  const { config, problem } = await readUsableConfig()
  if (problem) throw problem
  return config
}

/**
 * The same for a call that must work with a wrong file, such as `unmount`: keeps
 * the valid keys, since they say where locks, state and logs are. Never throws.
 * Loads zod only for a file.
 */
export async function readUsableConfig(): Promise<UsableConfig> {
  const path = nodeConfigPath()
  let text: string | undefined
  try {
    text = files.read(path)
  } catch (error) {
    return unreadable(
      path,
      errno(error) === 'EFTYPE' ? 'is not a regular file' : `cannot be read: ${errno(error)}`,
    )
  }
  if (text === undefined && files.kind(path) !== 'missing')
    return unreadable(path, 'is a link that leads nowhere')
  if (text === undefined) return { config: DEFAULT_NODE_CONFIG }
  const { parseNodeConfig, usablePart } = await import('../../core/config/node-config-schema.js')
  try {
    return { config: parseNodeConfig(text) }
  } catch (error) {
    if (!(error instanceof CephflexError)) throw error
    const hint = `${error.hint} in ${path} on this node`
    return {
      config: usablePart(text),
      problem: new CephflexError(error.code, `${path}: ${error.message}`, { hint }),
    }
  }
}

/** The path of the node's configuration: `$CEPHFLEX_CONFIG`, or `/etc/cephflex/config.json`. */
export function nodeConfigPath(): string {
  return process.env['CEPHFLEX_CONFIG'] || DEFAULT_PATH
}

function unreadable(path: string, what: string): UsableConfig {
  const hint = `make ${path} a readable file on this node, or remove it`
  return {
    config: DEFAULT_NODE_CONFIG,
    problem: new CephflexError('EBADCONFIG', `${path} ${what}`, { hint }),
  }
}
