import { NAMESPACE_XATTR, POOL_XATTR } from '../../core/ceph/xattrs.js'
import { CephflexError } from '../../core/errors.js'
import { type LintReport, lintCaps } from '../../core/provision/caps/lint.js'
import type { LayoutOf } from '../../core/provision/caps/lint-repair.js'
import { isBelow } from '../../core/text/paths.js'
import type { Provisioner } from './provisioner.js'
import { readUserCaps } from './users.js'

/** Checks the caps of a user in a live cluster. @throws CephflexError ENOVOLUME if the user does not exist. */
export async function lintUser(provisioner: Provisioner, user: string): Promise<LintReport> {
  const caps = await readUserCaps(provisioner, user)
  if (caps === undefined)
    throw new CephflexError('ENOVOLUME', `there is no user client.${user}`, {
      hint: 'list the users with "ceph auth ls"',
    })
  const entity = `client.${user}`
  const { covers } = lintCaps(entity, caps)
  return lintCaps(entity, caps, await layouts(provisioner, covers))
}

/** The layouts of directories below claimRoot. The session does not see others. */
async function layouts(
  { files, cluster, openRoot }: Provisioner,
  paths: readonly string[],
): Promise<LayoutOf> {
  const visible = paths.filter(path => isBelow(path, cluster.claimRoot))
  if (visible.length === 0 || !(await openRoot(false))) return () => undefined
  const relative = visible.map(path => path.slice(cluster.claimRoot.length + 1))
  const infos = await files.look(relative, [POOL_XATTR, NAMESPACE_XATTR])
  return path => {
    const info = infos[visible.indexOf(path)]
    if (info === undefined || !('attributes' in info) || !info.attributes[POOL_XATTR]) return undefined
    return { pool: info.attributes[POOL_XATTR], namespace: info.attributes[NAMESPACE_XATTR] ?? '' }
  }
}
