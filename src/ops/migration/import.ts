import type { DirectoryInfo } from '../../core/ceph/cephfs-operations.js'
import { NAMESPACE_XATTR, POOL_XATTR } from '../../core/ceph/xattrs.js'
import { CephflexError } from '../../core/errors.js'
import { checkImport, refuseImport } from '../../core/migration/import-checks.js'
import { type ImportFacts, type ImportPlan, planImport } from '../../core/migration/plan-import.js'
import type { CephFsVolume, VolumePlace } from '../../core/migration/pv-file.js'
import type { Caps } from '../../core/provision/caps/caps.js'
import { MARKER_XATTR, parseMarker } from '../../core/provision/marker.js'
import { shareOf } from '../../core/provision/old-volume.js'
import { normalPath } from '../../core/text/paths.js'
import { applySteps } from '../provision/apply.js'
import { layoutOf } from '../provision/attributes.js'
import { inheritedLayout } from '../provision/inherited-layout.js'
import { parentsOf } from '../provision/inspect.js'
import { listMarks } from '../provision/list.js'
import { findIn } from '../provision/obstacles.js'
import type { Provisioner } from '../provision/provisioner.js'
import { type ReadCaps, readUserCaps } from '../provision/users.js'

type Marks = Awaited<ReturnType<typeof listMarks>>

export type ImportOptions = {
  repair?: boolean
  dryRun?: boolean
  /** Names that a person has given: see {@link checkImport}. */
  include?: readonly string[]
  /** All PersistentVolumes with CephFS. */
  places?: readonly VolumePlace[]
  /** All marks in the cluster, if they were read before. */
  marks?: Marks | undefined
  /** The caps of users, if they were read before. */
  users?: ReadonlyMap<string, ReadCaps> | undefined
  /** Why it is a volume of another cluster, if it is. */
  elsewhere?: string | undefined
}

/**
 * Marks a volume that external-storage's provisioner created, after checking in
 * the cluster that its directory and its user belong only to each other.
 *
 * @throws CephflexError ENOTOURS, ENOVOLUME, EBADVOLUME, EPROVISION and what the sessions throw.
 */
export async function importVolume(
  provisioner: Provisioner,
  volume: CephFsVolume,
  options: ImportOptions = {},
): Promise<ImportPlan> {
  const { repair = false, dryRun = false, include = [], places = [], elsewhere } = options
  checkImport(volume, places, include)
  const { fsName } = provisioner.cluster
  if (elsewhere !== undefined) throw refuseImport(volume, elsewhere)
  if (volume.fsName !== undefined && volume.fsName !== fsName)
    throw refuseImport(volume, `it is in the file system ${volume.fsName}, not ${fsName} (--fs-name)`)
  const marks = options.marks ?? (await listMarks(provisioner))
  const caps = options.users?.get(volume.user)?.caps ?? (await readUserCaps(provisioner, volume.user))
  const facts = await inspectOldVolume(provisioner, volume, { marks, caps })
  const plan = planImport(volume, facts, { repair, now: new Date().toISOString() })
  if (!dryRun) await applySteps(provisioner, plan.steps)
  return plan
}

async function inspectOldVolume(
  provisioner: Provisioner,
  { name, path }: CephFsVolume,
  { marks, caps }: { marks: Marks; caps: Caps | undefined },
): Promise<ImportFacts> {
  const { cluster, files } = provisioner
  const location = shareOf(path, cluster.claimRoot)
  if ('problem' in location)
    throw new CephflexError('ENOTOURS', `${name} was not imported: ${path} ${location.problem}`, {
      hint: 'pass the directory that the old provisioner used as --claim-root',
    })
  const { share } = location
  const parents = parentsOf(share)
  const infos = (await provisioner.openRoot(false))
    ? await files.look([share, ...parents], [MARKER_XATTR, POOL_XATTR, NAMESPACE_XATTR])
    : []
  const [info = { kind: 'missing' as const }, ...above] = infos
  const absolute = (each: string) => normalPath(`${cluster.claimRoot}/${each}`)
  const outer = parents.find((_, i) => isMarked(above[i]))
  const twin = marks.find(({ marker, share: other }) => marker.pv === name && !marker.kept && other !== share)
  const marked = {
    above: outer === undefined ? undefined : absolute(outer),
    below: info.kind === 'directory' ? (await findIn(provisioner, share)).marked.map(absolute) : [],
    twin: twin && absolute(twin.share),
  }
  if (info.kind !== 'directory') return { cluster, share, directory: { kind: info.kind }, caps, marked }
  const directory = {
    kind: 'directory' as const,
    marker: parseMarker(info.attributes[MARKER_XATTR] ?? undefined),
    ...(layoutOf(info) ??
      (await inheritedLayout(provisioner, above)) ?? { pool: cluster.dataPools[0] ?? '', namespace: '' }),
  }
  return { cluster, share, directory, caps, marked }
}

function isMarked(info: DirectoryInfo | undefined): boolean {
  return info?.kind === 'directory' && parseMarker(info.attributes[MARKER_XATTR] ?? undefined) !== undefined
}
