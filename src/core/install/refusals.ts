import { CephflexError } from '../errors.js'
import type { InstallPlaces } from './places.js'

const EXAMPLE = '/var/lib/kubelet/volumeplugins'
const OTHER_EXAMPLE = '/etc/kubernetes/volumeplugins'

/** Why nothing can be written at `path`, and what to do about it. `errno` is its name, such as `EROFS`. */
export function writeRefusal(path: string, errno: string, { pluginDir }: InstallPlaces): CephflexError {
  if (errno === 'EROFS') {
    const example = pluginDir.endsWith(EXAMPLE) ? OTHER_EXAMPLE : EXAMPLE
    return new CephflexError('EINSTALL', `${path} is read-only`, {
      hint:
        `choose another directory. Make ${example}, start the kubelet with ` +
        `--volume-plugin-dir=${example}, then run this again with --plugin-dir ${example}`,
    })
  }
  if (errno === 'EACCES' || errno === 'EPERM')
    return new CephflexError('ENOTROOT', `${path} is not writable for this user (${errno})`, {
      hint: 'run this as root',
    })
  return new CephflexError('EINSTALL', `${path} cannot be written: ${errno}`, {
    hint: 'free or repair it, or choose another with --plugin-dir',
  })
}
