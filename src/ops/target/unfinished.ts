import { clientOfDaemon } from '../../core/mounters/index.js'
import { mountedOn } from '../../core/target/mount-table.js'
import type { ProcessInfo } from '../../core/target/process.js'
import type { MountState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { pidNamespace } from '../namespaces/reach.js'

/**
 * The state of a mount whose call was killed before it knew the process of the client, with that process: it serves the
 * mount, and a pod may use it, so it is no stray of the call. Found by its socket, which no other client has.
 */
export function withClientFound(
  system: System,
  target: string,
  state: MountState | undefined,
): MountState | undefined {
  if (!state?.unfinished || state.shared || state.process) return state
  if (mountedOn(system.mountInfo(), target).length === 0) return state
  const client = youngestWith(system, state.adminSocket)
  if (client === undefined) return state
  const space = pidNamespace(system)
  const process = { pid: client.pid, startTime: client.startTime }
  return { ...state, process, ...(space === undefined ? {} : { pidNamespace: space }) }
}

/** A daemon is younger than the process that started it, which has the same arguments and may not have ended yet. */
function youngestWith({ processes }: System, adminSocket: string): ProcessInfo | undefined {
  return processes
    .allPids()
    .flatMap(pid => {
      const info = processes.processInfo(pid)
      // the name first: reading the arguments of a stuck process may block
      if (info === undefined || info.state === 'Z' || clientOfDaemon(info.name) === undefined) return []
      return processes.argvOf(pid).some(arg => arg.includes(adminSocket)) ? [info] : []
    })
    .sort((a, b) => Number(a.startTime) - Number(b.startTime) || a.pid - b.pid)
    .at(-1)
}
