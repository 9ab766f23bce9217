import { clientOfDaemon } from '../../core/mounters/index.js'
import { FIRST_PID_NAMESPACE } from '../../core/namespaces/reach.js'
import type { ClientState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { pidNamespace } from './reach.js'

/** `unknown`: it may run in a PID namespace that hides it from this process. */
export type ClientLife = 'alive' | 'ended' | 'unknown'

/**
 * Whether the client of a mount runs. Its pid only means something in the PID namespace of the call that mounted it;
 * from the first one, where it has another pid, it is found by its start time. A kernel client has no process: `ended`.
 */
export function lifeOf(system: System, state: ClientState): ClientLife {
  const { process: client } = state
  const here = pidNamespace(system)
  const known = state.pidNamespace ?? FIRST_PID_NAMESPACE
  if (here === undefined || here === known)
    return client !== undefined && system.processes.isAlive(client) ? 'alive' : 'ended'
  if (here !== FIRST_PID_NAMESPACE) return 'unknown'
  return client !== undefined && runsElsewhere(system, client.startTime) ? 'alive' : 'ended'
}

function runsElsewhere({ processes }: System, startTime: string): boolean {
  return processes.allPids().some(pid => {
    const info = processes.processInfo(pid)
    return (
      info !== undefined &&
      clientOfDaemon(info.name) !== undefined &&
      info.state !== 'Z' &&
      info.startTime === startTime
    )
  })
}
