import { CephflexError } from '../errors.js'
import { variablesIn } from '../kubelet/words.js'

/** The packages that a node needs, and the command that installs them. */
export type NodePackages = { packages: readonly string[]; installer: readonly string[] }

const APT = ['apt-get', 'install', '-y']
const BOTH = ['ceph-fuse', 'ceph-common']

/**
 * The packages for a distribution. They come from the distribution itself or,
 * on RHEL and its derivatives, from Ceph's repositories.
 *
 * @param osRelease the text of os-release(5).
 * @param arch the processor, as Node.js names it.
 * @param hasOnlyYum no dnf: RHEL 7 and its derivatives.
 * @throws CephflexError EINSTALL for an unknown distribution.
 */
export function nodePackages(osRelease: string, arch: string, hasOnlyYum: boolean): NodePackages {
  const { ID = '', ID_LIKE = '' } = variablesIn(osRelease)
  const ids = `${ID} ${ID_LIKE}`.split(' ')
  const isOneOf = (...names: string[]) => names.some(name => ids.includes(name))
  if (isOneOf('ubuntu')) return { packages: BOTH, installer: APT }
  // Debian has no ceph-fuse for arm64, Ubuntu does
  if (isOneOf('debian')) return { packages: arch === 'arm64' ? ['ceph-common'] : BOTH, installer: APT }
  if (isOneOf('fedora', 'rhel', 'centos'))
    return { packages: BOTH, installer: [hasOnlyYum ? 'yum' : 'dnf', 'install', '-y'] }
  if (isOneOf('suse', 'opensuse'))
    return { packages: BOTH, installer: ['zypper', '--non-interactive', 'install'] }
  throw new CephflexError('EINSTALL', `the packages for this system (${ID}) are not known`, {
    hint: 'install ceph-fuse or mount.ceph with the package manager of this system',
  })
}
