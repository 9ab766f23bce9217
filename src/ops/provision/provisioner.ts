import type { Monitor } from '../../core/ceph/monitors.js'
import { fuseMonitors } from '../../core/ceph/monitors.js'
import { startDeadline } from '../../core/deadline.js'
import {
  type FsDump,
  type FsLs,
  readClusterFacts,
  type Versions,
} from '../../core/provision/cluster-facts.js'
import type { Backend } from '../../core/provision/names.js'
import type { ClusterInfo } from '../../core/provision/volume.js'
import type { Secret } from '../../core/secret.js'
import { type CephFsSession, openCephFsSession } from '../../system/ceph/cephfs-session.js'
import { openRadosSession, type RadosSession } from '../../system/ceph/rados-session.js'
import type { System } from '../../system/system.js'
import { findProtocols } from '../volume/ask-monitors.js'
import { resolveMonitors } from '../volume/resolve-monitors.js'

/** Access to a cluster as a user that may create volumes, and where to create them. */
export type AdminAccess = {
  monitors: readonly Monitor[]
  /** Ceph user without `client.`. */
  user: string
  key: Secret
  fsName?: string | undefined
  claimRoot: string
  backend: Backend | 'auto'
  /** The name of a lock that only one provisioner holds at a time; see `openCephFsSession`. */
  lease?: string | undefined
}

/** The sessions with one cluster. Every change to its volumes goes through them. */
export type Provisioner = {
  cluster: ClusterInfo
  rados: RadosSession
  files: CephFsSession
  /** Makes sure that claimRoot is open. @returns false if it is missing and `create` is false. */
  openRoot: (create: boolean) => Promise<boolean>
  close: () => Promise<void>
}

/** The limit of a command, and of a file system request: a healthy cluster is faster. */
const COMMAND_MS = 30_000

/** Commands in flight: a few more than the volumes that are created at a time. */
const COMMANDS_AT_ONCE = 8

/** libcephfs would check the permissions of this process's user, which is not root in a pod. Only the caps of the key count. */
const CLIENT_SETTINGS = { client_permissions: 'false' }

/**
 * Connects to a cluster as a user that may create volumes. Both sessions stay
 * open until `close`: a command then takes milliseconds; a `ceph` process takes
 * 150 ms.
 *
 * @throws CephflexError ENOHOST, EREFUSED, EBADKEY, ENOANSWER, ENOFS, EPACKAGE, EPROVISION.
 */
export async function openProvisioner(system: System, access: AdminAccess): Promise<Provisioner> {
  const addresses = await resolveMonitors(system, access.monitors)
  const monitors = await findProtocols(system, addresses, startDeadline(COMMAND_MS))
  const settings = settingsOf(monitors, access.key)
  const rados = openRadosSession({
    user: `client.${access.user}`,
    timeoutMs: COMMAND_MS,
    settings,
    atOnce: COMMANDS_AT_ONCE,
  })
  try {
    const cluster = await readCluster(rados, access)
    const files = openCephFsSession({
      user: access.user,
      settings: { ...settings, ...CLIENT_SETTINGS },
      fsName: cluster.fsName,
      ranks: cluster.ranks,
      claimRoot: cluster.claimRoot,
      timeoutMs: COMMAND_MS,
      lease: access.lease,
    })
    // one at a time: two volumes that are created at once must not open it twice
    let opening: Promise<boolean> = Promise.resolve(false)
    const open = async (before: Promise<boolean>, create: boolean) =>
      (await before.catch(() => false)) || files.connect(create)
    return {
      cluster,
      rados,
      files,
      openRoot: create => {
        opening = open(opening, create)
        return opening
      },
      close: async () => {
        await Promise.all([rados.close(), files.close()])
      },
    }
  } catch (error) {
    await rados.close()
    throw error
  }
}

/** The key goes through the helper's stdin. Nothing is read from or written to this node's disk. */
function settingsOf(monitors: readonly Monitor[], key: Secret): Record<string, string> {
  return {
    mon_host: fuseMonitors(monitors),
    key: key.reveal(),
    admin_socket: '',
    log_file: '',
    client_mount_timeout: String(COMMAND_MS / 1000),
  }
}

async function readCluster(rados: RadosSession, access: AdminAccess): Promise<ClusterInfo> {
  const ask = (prefix: string) => rados.command('mon', { prefix })
  const [dump, ls, versions, mgr] = await Promise.all(['fs dump', 'fs ls', 'versions', 'mgr dump'].map(ask))
  return readClusterFacts(access, {
    dump: dump as FsDump,
    ls: ls as FsLs,
    versions: versions as Versions,
    hasManager: (mgr as { available?: boolean } | null)?.available === true,
  })
}
