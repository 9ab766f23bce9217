import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import type { ProgramName } from '../../core/programs.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'

const STEP_MS = 10_000

/**
 * Gives the top directory of a volume to the fsGroup of its pod: group, group
 * write and setgid, so that new files belong to the group too. Never
 * recursive: a shared file system may hold millions of files.
 *
 * @throws CephflexError EFSGROUP, ENOTOOL, EINTERRUPTED
 */
export async function applyFsGroup(
  system: System,
  { target, volume }: { target: string; volume: Pick<VolumeOptions, 'fsGroup' | 'readOnly'> },
  deadline: Deadline,
): Promise<void> {
  const { fsGroup, readOnly } = volume
  if (fsGroup === undefined || readOnly) return
  const steps: readonly [ProgramName, readonly string[]][] = [
    ['chgrp', [String(fsGroup), '--', target]],
    ['chmod', ['g+rwxs', '--', target]],
  ]
  for (const [program, argv] of steps) {
    const { exitCode, stderr, interrupted } = await system.run(program, argv, {
      timeoutMs: deadline.share(0.5, 1_000, STEP_MS),
    })
    system.log('run', { argv: [program, ...argv], exitCode, stderr })
    if (exitCode === 0) continue
    if (interrupted) throw new CephflexError('EINTERRUPTED', `interrupted by a signal during ${program}`)
    const reason = stderr.trim().split(': ').at(-1) || 'no answer'
    throw new CephflexError(
      'EFSGROUP',
      `${program} of the top directory for fsGroup ${fsGroup} failed: ${reason}`,
    )
  }
}
