import { shellQuoted } from '../text/shell.js'
import { monitorAddresses } from './ports.js'
import { type ClusterSpec, confPath, keyringPath } from './spec.js'

/**
 * The environment of a script that uses the cluster. It names the keyring instead of containing the admin's key, because
 * an environment is easily printed.
 */
export function clusterEnv(spec: ClusterSpec) {
  const { v1, v2, both } = monitorAddresses(spec)
  return {
    CEPH_CONF: confPath(spec.dir),
    CEPHFLEX_MONITORS: v1,
    CEPHFLEX_MONITORS_V2: v2,
    CEPHFLEX_MONITORS_BOTH: both,
    CEPHFLEX_ADMIN_KEYRING: keyringPath(spec.dir),
    CEPHFLEX_FSID: spec.fsid,
    CEPHFLEX_FS: 'cephfs',
  } as const satisfies Record<string, string>
}

/** Lines for `eval "$(…)"` in a shell. */
export function shellAssignments(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `export ${name}=${shellQuoted(value)}`)
}
