import { type Client, clientOfDaemon } from '../../core/mounters/index.js'
import { clientOf, lingeringClients, type RunningClient } from '../../core/node/clients.js'
import type { Inventory } from '../../core/node/shared-clients.js'
import { shortHash } from '../../core/text/short-hash.js'
import type { System } from '../../system/system.js'

/** A running daemon, and which client it belongs to. */
type Running = RunningClient & { client: Client }

/**
 * The client processes of this driver that still run although their mount is
 * gone: the cluster keeps them from ending, or something else uses them. Found
 * by their arguments, since an unmount forgets the state.
 */
export function lingering(system: System, { mounts, clients }: Inventory): Running[] {
  return lingeringClients(runningClients(system), [...mounts, ...clients], shortHash).filter(
    // a call may just be starting or ending it
    ({ hash }) => system.files.kind(`${system.config.runDirectory}/locks/${hash}`) === 'missing',
  )
}

/** The client processes of this driver. Each was started for a target, which may be a private one. */
export function runningClients({ processes, config }: System): Running[] {
  return processes.allPids().flatMap(pid => {
    const info = processes.processInfo(pid)
    // the name first: reading the arguments of a stuck process may block
    const client = clientOfDaemon(info?.name)
    if (client === undefined || info?.state === 'Z') return []
    const found = clientOf(pid, processes.argvOf(pid), config.runDirectory)
    return found ? [{ ...found, client }] : []
  })
}
