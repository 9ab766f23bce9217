import { CephflexError } from '../errors.js'
import type { ClusterSpec } from './spec.js'

/** What a cluster runs, and the Debian package that holds it. */
const PROGRAMS: readonly (readonly [program: string, debianPackage: string])[] = [
  ['ceph-mon', 'ceph-mon'],
  ['monmaptool', 'ceph-mon'],
  ['ceph-osd', 'ceph-osd'],
  ['ceph-mds', 'ceph-mds'],
  ['ceph-fuse', 'ceph-fuse'],
  ['ceph', 'ceph-common'],
]

/**
 * Proves that all programs are there before anything is made.
 *
 * @param isInstalled whether a program of this name can be run.
 * @throws CephflexError EPACKAGE, with the command that installs what is missing.
 */
export function checkPackages(
  { mgr }: Pick<ClusterSpec, 'mgr'>,
  isInstalled: (program: string) => boolean,
): void {
  const wanted = mgr ? [...PROGRAMS, ['ceph-mgr', 'ceph-mgr'] as const] : PROGRAMS
  const missing = wanted.filter(([program]) => !isInstalled(program))
  if (missing.length > 0) throw missingPackages(missing.map(([, debianPackage]) => debianPackage))
}

/** EPACKAGE that names the packages and the command that installs them. */
export function missingPackages(names: readonly string[]): CephflexError {
  const unique = [...new Set(names)].join(' ')
  const command = `apt-get install --no-install-recommends ${unique}`
  return new CephflexError('EPACKAGE', `missing packages: ${unique}; install them with "${command}"`, {
    hint: command,
  })
}
