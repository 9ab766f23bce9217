import { CephflexError } from '../errors.js'
import { buildCaps, type Caps, capsList } from '../provision/caps/caps.js'
import { MARKER_XATTR, type Marker, writeMarker } from '../provision/marker.js'
import { checkVolumeName } from '../provision/names.js'
import { oldCapsProblem, readsEverything } from '../provision/old-volume.js'
import type { Step } from '../provision/steps.js'
import type { ClusterInfo } from '../provision/volume.js'
import { printable } from '../text/printable.js'
import { refuseImport } from './import-checks.js'
import type { CephFsVolume } from './pv-file.js'

/** What was found in the cluster for a PersistentVolume. */
export type ImportFacts = {
  cluster: ClusterInfo
  share: string
  directory:
    | { kind: 'missing' | 'other' }
    | { kind: 'directory'; marker?: Marker | undefined; pool: string; namespace: string }
  caps: Caps | undefined
  /** Absolute paths of marked directories that contain the directory, or are in it, or have the mark of this volume. */
  marked: { above?: string | undefined; below: readonly string[]; twin?: string | undefined }
}

/** `notes` are lines for people. */
export type ImportPlan = { steps: Step[]; notes: string[] }

/**
 * The steps that make a volume of the old provisioner a volume of this program, so that it can be deleted: they only set
 * the marker. With `repair` they also limit the caps of its user to this directory, and quote its path.
 *
 * @param now ISO 8601, for the marker.
 * @throws CephflexError ENOTOURS with the reason; ENOVOLUME if the directory or the user is missing.
 */
export function planImport(
  volume: CephFsVolume,
  facts: ImportFacts,
  { repair, now }: { repair: boolean; now: string },
): ImportPlan {
  const { directory, caps } = checkOwn(volume, facts)
  const { name: pv, path, user, readOnly } = volume
  const { pool, namespace } = directory
  const shared = { namespace, pool, readOnly }
  const marker: Marker = {
    version: 1,
    pv,
    user,
    backend: 'directory',
    ...shared,
    createdAt: now,
    imported: true,
  }
  const steps: Step[] = directory.marker
    ? []
    : [{ do: 'set attribute', path: facts.share, name: MARKER_XATTR, value: writeMarker(marker) }]
  if (!readsEverything(caps)) return { steps, notes: [] }
  if (!repair || namespace === '')
    return { steps, notes: [`client.${user} may read the names of every file ("allow r")`] }
  const { fsName, knowsFsName } = facts.cluster
  const narrow = buildCaps({ path, ...shared, ...(knowsFsName ? { fsName } : {}) })
  const command = { prefix: 'auth caps', entity: `client.${user}`, caps: capsList(narrow) }
  return { steps: [...steps, { do: 'mon', command }], notes: [] }
}

type Directory = Extract<ImportFacts['directory'], { kind: 'directory' }>

/** Checks that directory and user belong to this volume alone. */
function checkOwn(
  volume: CephFsVolume,
  { directory, caps, marked }: ImportFacts,
): { directory: Directory; caps: Caps } {
  const { name, path, user } = volume
  checkVolumeName(name)
  if (directory.kind === 'missing')
    throw new CephflexError('ENOVOLUME', `${name} was not imported: there is no directory ${path}`)
  if (directory.kind !== 'directory') throw refuseImport(volume, `${path} is not a directory`)
  if (caps === undefined)
    throw new CephflexError('ENOVOLUME', `${name} was not imported: there is no user client.${user}`)
  const { marker, pool, namespace } = directory
  if (marker !== undefined && (marker.pv !== name || marker.user !== user))
    throw refuseImport(
      volume,
      `${path} belongs to the volume ${printable(marker.pv)} and client.${marker.user}`,
    )
  const { above, below, twin } = marked
  if (above !== undefined) throw refuseImport(volume, `${path} is in ${above}, which is marked as a volume`)
  if (below.length > 0)
    throw refuseImport(volume, `there are marked directories in ${path}: ${below.join(', ')}`)
  if (twin !== undefined) throw refuseImport(volume, `${twin} already has the mark of ${name}`)
  const problem = oldCapsProblem(caps, { path, pool, namespace })
  if (problem !== undefined)
    throw refuseImport(volume, `client.${user} is not dedicated to this volume: ${problem}`)
  return { directory, caps }
}
