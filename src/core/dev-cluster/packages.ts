import { CephflexError } from '../errors.js'
import type { ClusterSpec } from './spec.js'

/** The programs that a cluster needs, and their Debian packages. */
const PROGRAMS: readonly (readonly [program: string, debianPackage: string])[] = [
  ['ceph-mon', 'ceph-mon'],
  ['monmaptool', 'ceph-mon'],
  ['ceph-osd', 'ceph-osd'],
  ['ceph-mds', 'ceph-mds'],
  ['ceph-fuse', 'ceph-fuse'],
  ['ceph', 'ceph-common'],
]

/**
 * Checks that all programs are installed before anything is created.
 *
 * @param isInstalled whether a program of this name can be run.
 * @throws CephflexError EPACKAGE, with the command that installs the missing packages.
 */
export function checkPackages(
  { mgr }: Pick<ClusterSpec, 'mgr'>,
  isInstalled: (program: string) => boolean,
): void {
  const needed = mgr ? [...PROGRAMS, ['ceph-mgr', 'ceph-mgr'] as const] : PROGRAMS
  const missing = needed.filter(([program]) => !isInstalled(program))
  if (missing.length > 0) throw missingPackages(missing.map(([, debianPackage]) => debianPackage))
}

/** EPACKAGE with the packages and the command that installs them. */
export function missingPackages(names: readonly string[]): CephflexError {
  const unique = [...new Set(names)].join(' ')
  const command = `apt-get install --no-install-recommends ${unique}`
  return new CephflexError('EPACKAGE', `missing packages: ${unique}; install them with "${command}"`, {
    hint: command,
  })
}
