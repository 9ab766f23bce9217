import { parseMonitors } from '../../core/ceph/monitors.js'
import { CephflexError } from '../../core/errors.js'
import type { Parameters } from '../../core/provision/parameters.js'
import type { Secret } from '../../core/secret.js'
import { printable } from '../../core/text/printable.js'
import { parseKeyMaterial } from '../../core/volume/cephx-key.js'
import type { System } from '../../system/system.js'
import { readKey } from '../volume/read-key.js'
import type { AdminAccess } from './provisioner.js'

const MAX_BYTES = 64 * 1024

const CONFIGURE = 'set adminKeyring for a cluster in /etc/cephflex/config.json of this node'

/**
 * The admin access to a cluster: from parameters with monitors and a key, or
 * from this node's configuration.
 *
 * @param keyring a file from the command line; a StorageClass's `secretFile`
 *   must be below secretDirectories instead.
 * @throws CephflexError EBADVOLUME, EBADKEY. No message quotes a key.
 */
export function adminAccess(system: System, parameters: Parameters, keyring?: string): AdminAccess {
  const { monitors, adminId: user, secretFile, fsName, claimRoot, backend } = parameters
  if (monitors === undefined) {
    const name = parameters.cluster ?? defaultCluster(system)
    if (name === undefined)
      throw new CephflexError(
        'EBADVOLUME',
        'no cluster was specified, and none is configured for creating volumes',
        {
          hint: CONFIGURE,
        },
      )
    return fromCluster(system, name, parameters)
  }
  const key =
    keyring === undefined
      ? secretFile === undefined
        ? undefined
        : readKey(system, { credential: { from: 'file', path: secretFile }, user })
      : readKeyring(system, keyring, user)
  if (key === undefined)
    throw new CephflexError('EBADKEY', `monitors are given, but no key for client.${user}`, {
      hint: CONFIGURE,
    })
  return { monitors, user, key, fsName, claimRoot, backend }
}

/** The key in a file that the operator named. @throws CephflexError EBADKEY. */
export function readKeyring({ files }: System, path: string, user: string): Secret {
  const content =
    files.kind(files.realPath(path) ?? path) === 'file' && files.size(path) <= MAX_BYTES
      ? files.readBytes(path)
      : undefined
  if (content === undefined)
    throw new CephflexError('EBADKEY', `${path} is not a readable file`, {
      hint: 'pass a keyring or a file with the bare key',
    })
  return parseKeyMaterial(content, user)
}

/** The cluster to use if none is named: `default`, or the only one that has an adminKeyring. */
function defaultCluster({ config }: System): string | undefined {
  const candidates = Object.entries(config.clusters).filter(
    ([, { adminKeyring }]) => adminKeyring !== undefined,
  )
  if (candidates.some(([name]) => name === 'default')) return 'default'
  return candidates.length === 1 ? candidates[0]?.[0] : undefined
}

function fromCluster(system: System, name: string, parameters: Parameters): AdminAccess {
  const cluster = Object.hasOwn(system.config.clusters, name) ? system.config.clusters[name] : undefined
  if (cluster === undefined)
    throw new CephflexError(
      'EBADVOLUME',
      `cluster ${printable(name)} is not in the configuration of this node`,
      {
        hint: CONFIGURE,
      },
    )
  const user = cluster.adminId ?? parameters.adminId
  if (cluster.adminKeyring === undefined)
    throw new CephflexError(
      'EBADKEY',
      `cluster ${printable(name)} has no adminKeyring in the configuration of this node`,
      { hint: CONFIGURE },
    )
  return {
    monitors: parseMonitors(cluster.monitors).monitors,
    user,
    key: readKeyring(system, cluster.adminKeyring, user),
    fsName: parameters.fsName ?? cluster.fsName,
    claimRoot: cluster.claimRoot ?? parameters.claimRoot,
    backend: parameters.backend,
  }
}
