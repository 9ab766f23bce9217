import type { Deadline } from '../../core/deadline.js'
import { toCephflexError } from '../../core/errors.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import { shortHash } from '../../core/text/short-hash.js'
import type { System } from '../../system/system.js'
import { killStrays } from './daemon.js'
import { detachAll } from './detach.js'
import { privateDirectory } from './private-directory.js'

const DETACH_MS = 5_000
const PREFIX = 'recover'

/** A private directory for a mount that is made and checked before a pod sees it. */
export type Stage = { target: string; clear: () => Promise<void> }

/**
 * Creates the stage of a target.
 *
 * @param deadline that of the call, for clearing the stage.
 * @param purpose tells apart several stages of one call.
 */
export function makeStage(system: System, target: string, deadline: Deadline, purpose = 'mount'): Stage {
  const { target: path } = privateDirectory(system, `${PREFIX}.${shortHash(target)}.${purpose}`)
  return { target: path, clear: () => clear(system, path, deadline) }
}

/** Removes the stages that a killed recovery of this target left. A mount that had reached the target stays. */
export async function clearStages(
  system: System,
  target: string,
  except: ProcessIdentity | undefined,
  killed: ProcessIdentity,
  deadline: Deadline,
): Promise<void> {
  const directory = `${system.config.runDirectory}/private`
  const names = system.files
    .list(directory)
    .filter(name => name.startsWith(`${PREFIX}.${shortHash(target)}.`))
  for (const name of names) {
    killStrays(system, `${directory}/${name}`, except, killed)
    await clear(system, `${directory}/${name}`, deadline)
  }
}

async function clear(system: System, path: string, deadline: Deadline): Promise<void> {
  try {
    await detachAll(system, path, 'lazy', deadline.undo(DETACH_MS))
  } catch (error) {
    system.log('stage not cleared', { path, message: toCephflexError(error).message })
  }
  system.files.removeDirectory(path)
}
