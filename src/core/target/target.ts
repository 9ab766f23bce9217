import { CephflexError } from '../errors.js'
import { holdsControl, normalPath } from '../text/paths.js'
import { printable } from '../text/printable.js'

const MAX_BYTES = 4000
const SAFE = /^[A-Za-z0-9_./~:@%+=,-]+$/

/**
 * The directory of a `mount` or `unmount` call, normalised.
 *
 * @throws CephflexError EBADREQUEST unless it is absolute, below `/`, without `..`, at most 4000 bytes long, and
 *   consists of harmless characters.
 */
export function parseTarget(text: string): string {
  const problem = problemOf(text)
  if (problem !== undefined)
    throw new CephflexError('EBADREQUEST', `the directory ${printable(text)} ${problem}`)
  return normalPath(text)
}

function problemOf(text: string): string | undefined {
  if (!text.startsWith('/')) return 'must be absolute'
  if (Buffer.byteLength(text) > MAX_BYTES) return `must not be longer than ${MAX_BYTES} bytes`
  if (holdsControl(text)) return 'must not contain a control character'
  if (text.split('/').includes('..')) return 'must not contain the component ".."'
  // after the mount, ceph-fuse passes the directory to a shell without quotes: a ";" would start a command
  if (!SAFE.test(text)) return 'must consist only of letters, digits and "_./~:@%+=,-"'
  return normalPath(text) === '/' ? 'must not be the root directory' : undefined
}
