import type { LogChoice } from '../../core/node/log-lines.js'
import type { System } from '../../system/system.js'
import { logProblem } from '../doctor/directory-facts.js'
import { listMounts } from './inventory.js'

/** What else to know about the log: where the clients of the chosen pod or target log, and why calls leave no log. */
export async function logNotes(system: System, choice: LogChoice): Promise<string[]> {
  const problem = await logProblem(system)
  return [
    ...clientLogs(system, choice).map(file => `the client logs to ${file}`),
    ...(problem === undefined ? [] : [`calls leave no log: ${problem}`]),
  ]
}

/** The log file of each client that the choice has, also of one that another pod has started. */
function clientLogs(system: System, { pod, target }: LogChoice): string[] {
  if (pod === undefined && target === undefined) return []
  const chosen = listMounts(system).filter(
    mount =>
      (target === undefined || mount.target === target) &&
      (pod === undefined || mount.state?.pod.name === pod || mount.state?.pod.uid === pod),
  )
  const logs = new Set(chosen.flatMap(({ state }) => state?.logFile ?? []))
  return [...logs].filter(file => system.files.kind(file) === 'file')
}
