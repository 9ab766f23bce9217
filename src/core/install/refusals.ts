import { CephflexError } from '../errors.js'
import type { InstallPlaces } from './places.js'

const EXAMPLE = '/var/lib/kubelet/volumeplugins'
const OTHER_EXAMPLE = '/etc/kubernetes/volumeplugins'

/** The error for a `path` that cannot be written, with what to do. `errno` is a name such as `EROFS`. */
export function writeRefusal(path: string, errno: string, { pluginDir }: InstallPlaces): CephflexError {
  if (errno === 'EROFS') {
    const example = pluginDir.endsWith(EXAMPLE) ? OTHER_EXAMPLE : EXAMPLE
    return new CephflexError('EINSTALL', `${path} is read-only`, {
      hint:
        `choose another directory: create ${example}, start the kubelet with ` +
        `--volume-plugin-dir=${example}, then run this command again with --plugin-dir ${example}`,
    })
  }
  if (errno === 'EACCES' || errno === 'EPERM')
    return new CephflexError('ENOTROOT', `${path} is not writable by this user (${errno})`, {
      hint: 'run this command as root',
    })
  return new CephflexError('EINSTALL', `cannot write to ${path}: ${errno}`, {
    hint: 'free space or repair the file system, or choose another directory with --plugin-dir',
  })
}
