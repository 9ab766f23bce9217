import type { Inventory } from '../../core/node/shared-clients.js'
import type { System } from '../../system/system.js'
import { sharedDirectory } from '../target/shared-directory.js'
import { clientMounts } from './client-mounts.js'
import { clientRecord } from './client-record.js'
import { isFailure } from './failure.js'

/** A shared client that no target has, or the place of one. `heldBy`: where else it is mounted, such as a subPath. */
export type UnusedClient = { path: string; pid: number | undefined; heldBy: string | undefined }

/** The shared clients of this node that have no target: a killed call has left them, or an older release. */
export function unusedClients(system: System, { clients }: Inventory): UnusedClient[] {
  const directory = sharedDirectory(system)
  const used = new Set(clients.filter(({ targets }) => targets.length > 0).map(({ target }) => target))
  return system.files
    .list(directory)
    .filter(name => !isFailure(name))
    .map(name => `${directory}/${name}`)
    .filter(path => !used.has(path))
    .map(path => {
      const record = clientRecord(system, path)
      const [holder] = clientMounts(system, path, record).targets
      return { path, pid: record?.process?.pid, heldBy: holder?.mountPoint }
    })
}
