import { dirname } from 'node:path/posix'
import { CephflexError } from '../../core/errors.js'
import type { InstallPlaces } from '../../core/install/places.js'
import type { InstallStep } from '../../core/install/plan.js'
import { writeRefusal } from '../../core/install/refusals.js'
import { driverFiles } from '../../system/driver-files.js'
import { errno } from '../../system/files.js'
import { asyncFiles } from '../../system/programs.js'
import type { InstallContext } from './context.js'
import { placeDirectory, removeTemporary, replaceDriver, type Source } from './place-driver.js'

/**
 * Performs the steps, or with `--dry-run` only reports them.
 *
 * @throws CephflexError EINSTALL, ENOTROOT, EINTERRUPTED; no temporary file remains.
 */
export async function act(
  context: InstallContext,
  places: InstallPlaces,
  steps: readonly InstallStep[],
  source?: Source,
): Promise<void> {
  const { options, report, signal } = context
  for (const step of steps) {
    if (signal.aborted) throw new CephflexError('EINTERRUPTED', 'interrupted by a signal')
    report.say(options.dryRun && step.do !== 'none' ? `would ${step.text}` : step.text)
    if (!options.dryRun) await ACTIONS[step.do]({ context, places, step, source })
  }
}

type Action = (work: {
  context: InstallContext
  places: InstallPlaces
  step: InstallStep
  source: Source | undefined
}) => void | Promise<void>

const ACTIONS: Readonly<Record<InstallStep['do'], Action>> = {
  none: () => undefined,
  'make-directory': ({ context, places, step: { path = '' } }) =>
    orRefuse(path, places, () => context.system.files.makeDirectory(path, 0o755)),
  'remove-leftover': ({ context, step: { path = '' } }) => {
    if (!removeTemporary(context, path)) noteLeft(context, path)
  },
  'remove-file': ({ context, places, step: { path = '' } }) =>
    orRefuse(path, places, () => context.system.files.remove(path)),
  'remove-directory': ({ context, step: { path = '' } }) => {
    if (!context.system.files.removeDirectory(path)) noteLeft(context, path)
  },
  empty: ({ context, step: { path = '' } }) => {
    if (!driverFiles.removeFilesIn(path)) context.report.note(`could not remove all files in ${path}`)
  },
  'write-config': ({ context, step: { path = '', content = '' } }) => writeConfig(context, path, content),
  'replace-driver': ({ context, places, source }) => source && replaceDriver(context, places, source),
  'place-directory': ({ context, places, source }) => source && placeDirectory(context, places, source),
}

async function writeConfig({ system, report }: InstallContext, path: string, content: string): Promise<void> {
  try {
    system.files.makeDirectory(dirname(path), 0o755)
    await asyncFiles.publish(path, content)
  } catch {
    report.note(`could not create ${path}; the driver works without it`)
  }
}

function noteLeft({ report }: InstallContext, path: string): void {
  report.note(`kept ${path}, which is not empty`)
}

function orRefuse(path: string, places: InstallPlaces, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw writeRefusal(path, errno(error), places)
  }
}
