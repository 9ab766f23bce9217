import { NAMESPACE_XATTR, POOL_XATTR } from '../../core/ceph/xattrs.js'
import { CephflexError } from '../../core/errors.js'
import { type ImportFacts, type ImportPlan, planImport } from '../../core/migration/plan-import.js'
import type { CephFsVolume } from '../../core/migration/pv-file.js'
import { MARKER_XATTR, parseMarker } from '../../core/provision/marker.js'
import { shareOf } from '../../core/provision/old-volume.js'
import { applySteps } from '../provision/apply.js'
import type { Provisioner } from '../provision/provisioner.js'
import { readUserCaps } from '../provision/users.js'

/**
 * Marks a volume that external-storage's provisioner created, after checking in
 * the cluster that its directory and its user belong only to each other.
 *
 * @throws CephflexError ENOTOURS, ENOVOLUME, EBADVOLUME, EPROVISION and what the sessions throw.
 */
export async function importVolume(
  provisioner: Provisioner,
  volume: CephFsVolume,
  { repair = false, dryRun = false }: { repair?: boolean; dryRun?: boolean } = {},
): Promise<ImportPlan> {
  const facts = await inspectOldVolume(provisioner, volume)
  const plan = planImport(volume, facts, { repair, now: new Date().toISOString() })
  if (!dryRun) await applySteps(provisioner, plan.steps)
  return plan
}

async function inspectOldVolume(
  provisioner: Provisioner,
  { name, path, user }: CephFsVolume,
): Promise<ImportFacts> {
  const { cluster, files } = provisioner
  const location = shareOf(path, cluster.claimRoot)
  if ('problem' in location)
    throw new CephflexError('ENOTOURS', `${name} was not imported: ${path} ${location.problem}`, {
      hint: 'pass the directory that the old provisioner used as --claim-root',
    })
  const { share } = location
  const infos = (await provisioner.openRoot(false))
    ? await files.look([share], [MARKER_XATTR, POOL_XATTR, NAMESPACE_XATTR])
    : []
  const [info = { kind: 'missing' as const }] = infos
  const caps = await readUserCaps(provisioner, user)
  if (info.kind !== 'directory') return { cluster, share, directory: { kind: info.kind }, caps }
  const { attributes } = info
  const directory = {
    kind: 'directory' as const,
    marker: parseMarker(attributes[MARKER_XATTR] ?? undefined),
    // a directory without its own layout uses the file system's first data pool
    pool: attributes[POOL_XATTR] || (cluster.dataPools[0] ?? ''),
    namespace: attributes[NAMESPACE_XATTR] ?? '',
  }
  return { cluster, share, directory, caps }
}
