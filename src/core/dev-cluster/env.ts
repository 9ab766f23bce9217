import { monitorAddresses } from './ports.js'
import { type ClusterSpec, confPath, keyringPath } from './spec.js'

/**
 * What a script needs to use the cluster. The admin key is not among it: it is
 * in the keyring named here, because an environment is easy to print.
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

/** For `eval "$(…)"` in a shell: every value is plain, so quotes around it are enough. */
export function shellAssignments(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
}
