import { clientOf, lingeringClients, type RunningClient } from '../../core/node/clients.js'
import type { OurMount } from '../../core/node/inventory.js'
import { shortHash } from '../../core/text/short-hash.js'
import type { System } from '../../system/system.js'

/**
 * The ceph-fuse processes of this driver that still run although their mount is
 * gone: the cluster keeps them from ending, or something else uses them. Found
 * by their arguments, since an unmount forgets the state.
 */
export function lingering(system: System, mounts: readonly OurMount[]): RunningClient[] {
  return lingeringClients(runningClients(system), mounts, shortHash).filter(
    // a call may just be starting or ending it
    ({ hash }) => system.files.kind(`${system.config.runDirectory}/locks/${hash}`) === 'missing',
  )
}

/** The ceph-fuse processes of this driver. Each was started for a target, which may be a private one. */
export function runningClients({ processes, config }: System): RunningClient[] {
  return processes.allPids().flatMap(pid => {
    const info = processes.processInfo(pid)
    // the name first: reading the arguments of a stuck process may block
    if (info?.name !== 'ceph-fuse' || info.state === 'Z') return []
    return clientOf(pid, processes.argvOf(pid), config.runDirectory) ?? []
  })
}
