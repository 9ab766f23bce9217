import { CephflexError } from '../errors.js'
import { buildCaps, type Caps, capsList } from '../provision/caps/caps.js'
import { MARKER_XATTR, type Marker, writeMarker } from '../provision/marker.js'
import { checkVolumeName } from '../provision/names.js'
import { oldCapsProblem, readsEverything } from '../provision/old-volume.js'
import type { Step } from '../provision/steps.js'
import type { ClusterInfo } from '../provision/volume.js'
import { printable } from '../text/printable.js'
import type { CephFsVolume } from './pv-file.js'

/** What stands where a PersistentVolume says that its data is. */
export type ImportFacts = {
  cluster: ClusterInfo
  share: string
  directory:
    | { kind: 'missing' | 'other' }
    | { kind: 'directory'; marker?: Marker | undefined; pool: string; namespace: string }
  caps: Caps | undefined
}

export type ImportPlan = { steps: Step[]; notes: string[] }

/**
 * What makes a volume of the old provisioner one of this program's, so that it
 * can be deleted: its mark, nothing else. With `repair` its user also loses
 * what it may beyond this directory, and its path is quoted.
 *
 * @throws CephflexError ENOTOURS with the reason; ENOVOLUME if directory or user are gone.
 */
export function planImport(
  volume: CephFsVolume,
  facts: ImportFacts,
  { repair, now }: { repair: boolean; now: string },
): ImportPlan {
  const { directory, caps } = checkOwn(volume, facts)
  const { name: pv, path, user, readOnly } = volume
  const { pool, namespace } = directory
  const place = { namespace, pool, readOnly }
  const mark: Marker = {
    version: 1,
    pv,
    user,
    backend: 'directory',
    ...place,
    createdAt: now,
    imported: true,
  }
  const steps: Step[] = directory.marker
    ? []
    : [{ do: 'set attribute', path: facts.share, name: MARKER_XATTR, value: writeMarker(mark) }]
  if (!readsEverything(caps)) return { steps, notes: [] }
  if (!repair || namespace === '')
    return { steps, notes: [`client.${user} may read the names of every file ("allow r")`] }
  const { fsName, knowsFsName } = facts.cluster
  const narrow = buildCaps({ path, ...place, ...(knowsFsName ? { fsName } : {}) })
  const command = { prefix: 'auth caps', entity: `client.${user}`, caps: capsList(narrow) }
  return { steps: [...steps, { do: 'mon', command }], notes: [] }
}

type Directory = Extract<ImportFacts['directory'], { kind: 'directory' }>

/** Proves that directory and user belong to this volume alone. */
function checkOwn(
  volume: CephFsVolume,
  { directory, caps }: ImportFacts,
): { directory: Directory; caps: Caps } {
  const { name, path, user } = volume
  checkVolumeName(name)
  if (directory.kind === 'missing')
    throw new CephflexError('ENOVOLUME', `${name} was not imported: there is no directory ${path}`)
  if (directory.kind !== 'directory') throw refuse(volume, `${path} is not a directory`)
  if (caps === undefined)
    throw new CephflexError('ENOVOLUME', `${name} was not imported: there is no user client.${user}`)
  const { marker, pool, namespace } = directory
  if (marker !== undefined && (marker.pv !== name || marker.user !== user))
    throw refuse(volume, `${path} belongs to the volume ${printable(marker.pv)} and client.${marker.user}`)
  const problem = oldCapsProblem(caps, { path, pool, namespace })
  if (problem !== undefined)
    throw refuse(volume, `client.${user} is not dedicated to this volume: ${problem}`)
  return { directory, caps }
}

function refuse({ name }: CephFsVolume, what: string): CephflexError {
  return new CephflexError('ENOTOURS', `${name} was not imported: ${what}`, {
    hint: 'nothing was changed; fix it by hand, or plan to delete this volume by hand',
  })
}
