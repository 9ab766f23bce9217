import { ERRNO } from '../../core/ceph/errno.js'
import { ownsUser } from '../../core/provision/caps/owns-user.js'
import type { Tenant } from '../../core/provision/tenant.js'
import { refusedChange } from '../../system/ceph/cephfs-session.js'
import { applySteps } from './apply.js'
import type { Provisioner } from './provisioner.js'
import { readUserCaps } from './users.js'

/**
 * Deletes the directory and the user of a tenant that never gets another volume, unless it still has one: the directory is
 * removed first, and only if it is empty. Idempotent: call it again after it was interrupted anywhere.
 *
 * @returns whether they are deleted.
 * @throws CephflexError EPROVISION and what the sessions throw.
 */
export async function removeTenant(
  provisioner: Provisioner,
  { directory, user, namespace }: Tenant,
): Promise<boolean> {
  const { cluster, files } = provisioner
  if (await provisioner.openRoot(false)) {
    const answer = await files.change('rmdir', { path: directory })
    if (answer.code === ERRNO.notEmpty) return false
    if (answer.code !== 0 && answer.code !== ERRNO.noEntry)
      throw refusedChange(`"rmdir ${directory}"`, answer)
  }
  const caps = await readUserCaps(provisioner, user)
  if (caps && ownsUser(caps, `${cluster.claimRoot}/${directory}`, namespace, cluster))
    await applySteps(provisioner, [{ do: 'remove user', user }])
  return true
}
