import { CephflexError } from '../../core/errors.js'
import type { FoundParts, Mounter, Parts } from '../../core/mounters/mounter.js'
import type { System } from '../../system/system.js'

/**
 * Checks that a client can be used on this node, as far as that shows before a mount.
 *
 * @throws CephflexError the code of the client for that, with a reason for each missing part.
 */
export function requireClient(system: System, { program, needs, unusable }: Mounter): void {
  const problems = needs?.problems(findParts(system, program, needs.parts)) ?? []
  if (problems.length > 0) throw new CephflexError(unusable, problems.join(', '))
}

/** The parts of a client on this node. A node may have a helper elsewhere in `searchPath`, too. */
export function findParts(
  { files, find }: System,
  program: string,
  { helper, helperPaths, device }: Parts,
): FoundParts {
  return {
    helper: helperPaths.find(files.isExecutable) ?? find(helper),
    program: find(program),
    deviceProblem: files.openProblem(device),
  }
}
