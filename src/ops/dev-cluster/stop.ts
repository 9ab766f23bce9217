import { resolve } from 'node:path'
import { isClientOf } from '../../core/dev-cluster/clients.js'
import { isServerOf } from '../../core/dev-cluster/daemons.js'
import type { ClusterSpec } from '../../core/dev-cluster/spec.js'
import { CephflexError } from '../../core/errors.js'
import { parseMountInfo } from '../../core/target/mount-table.js'
import { files } from '../../system/files.js'
import { findProcesses, waitUntilGone } from '../../system/find-processes.js'
import { sendSignal } from '../../system/processes.js'
import { asyncFiles, runProgram } from '../../system/programs.js'
import { findSpec } from './state.js'

/** A client exits 10 ms after SIGTERM; one that cannot reach its cluster never does. */
const CLIENT_GRACE_MS = 600
/** A killed process exits at once unless it is blocked in the kernel. */
const KILL_GRACE_MS = 5_000
const UMOUNT_LIMIT_MS = 5_000

/**
 * Stops a cluster and removes its directory with its content. Detaches the
 * mounts below it, and gives its ceph-fuse clients (wherever mounted) 0.6 s to
 * exit. Does nothing if the directory is missing or empty.
 *
 * @throws CephflexError ECLUSTER if the directory contains anything else, or a mount or process cannot be ended;
 *   the directory then stays.
 */
export async function stopDevCluster(directory: string): Promise<void> {
  const dir = resolve(directory)
  const spec = findSpec(dir)
  if (!spec) {
    if (files.kind(dir) === 'missing' || files.removeDirectory(dir)) return
    throw stillThere(
      dir,
      'it contains something other than a cluster',
      'pass the directory that was given to "start"',
    )
  }
  await dismantle(spec)
  await asyncFiles.remove(spec.dir)
}

/** Ends everything of a cluster but its files. Touches only processes that are proven to be its own. */
export async function dismantle(spec: ClusterSpec): Promise<void> {
  await detachMounts(spec.dir)
  await endClients(spec)
  await killServers(spec.dir)
}

/** Lazily, since the servers are ended next: a plain umount can hang in the kernel while they are paused. */
async function detachMounts(dir: string): Promise<void> {
  for (const mountPoint of mountsBelow(dir))
    await runProgram('umount', ['-l', '--', mountPoint], { timeoutMs: UMOUNT_LIMIT_MS })
  const [left] = mountsBelow(dir)
  if (left !== undefined)
    throw stillThere(
      dir,
      `${left} is still mounted`,
      `unmount it, then stop the cluster again: umount -l ${left}`,
    )
}

function mountsBelow(dir: string): string[] {
  return (
    parseMountInfo(files.read('/proc/self/mountinfo') ?? '')
      .map(({ mountPoint }) => mountPoint)
      .filter(mountPoint => mountPoint.startsWith(`${dir}/`))
      // the last mounted first: it may be inside or on top of another
      .reverse()
  )
}

async function endClients(spec: ClusterSpec): Promise<void> {
  const clients = findProcesses((argv, environ) => isClientOf(spec, argv, environ()))
  for (const client of clients) sendSignal(client, 'SIGTERM')
  for (const client of await waitUntilGone(clients, CLIENT_GRACE_MS)) sendSignal(client, 'SIGKILL')
}

/**
 * Kills every server of the cluster in `dir`, paused or not. The stores are
 * removed, so no clean shutdown is needed.
 *
 * @throws CephflexError ECLUSTER if one does not exit.
 */
async function killServers(dir: string): Promise<void> {
  const servers = findProcesses(argv => isServerOf(dir, argv))
  for (const server of servers) sendSignal(server, 'SIGKILL')
  const [left] = await waitUntilGone(servers, KILL_GRACE_MS)
  if (left) throw stillThere(dir, `${left.name} (pid ${left.pid}) is still running`, 'try again')
}

function stillThere(dir: string, what: string, hint: string) {
  return new CephflexError('ECLUSTER', `${dir} was not removed: ${what}`, { hint })
}
