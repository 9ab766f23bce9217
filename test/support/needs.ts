import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/**
 * The value of `skip` for a test that `npm run test:unit` finds on any machine: why it cannot run there, or false.
 * `npm test` runs as root and with all programs (bin/setup.sh), and `.ci/run` counts a skipped test as a failure.
 */
export const needsRoot = process.getuid?.() === 0 ? false : 'needs root'

/** The same for a test that runs this program. */
export function needsProgram(name: string): string | false {
  const found = (process.env['PATH'] ?? '').split(':').some(folder => isExecutable(join(folder, name)))
  return found ? false : `needs ${name}`
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
