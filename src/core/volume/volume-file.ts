import { CephflexError } from '../errors.js'
import { KUBELET_OPTIONS, secretOption } from '../kubelet/call-options.js'
import type { ObjectFinding, VolumeInObjects } from '../kubelet/objects/finding.js'
import { objectFindings } from '../kubelet/objects/object-findings.js'
import type { InstalledDriver } from '../kubelet/objects/source-findings.js'
import {
  badObjects,
  fieldAt,
  isUntypedObject,
  listAt,
  parseDocuments,
  type UntypedObject,
} from '../kubernetes/untyped-objects.js'
import { printable } from '../text/printable.js'

/** A CronJob has spec.jobTemplate.spec.template.spec. */
const MAX_DEPTH = 6

/** A volume read from a file: its options as the kubelet sends them, and the name of its Secret. */
export type VolumeFile = { options: Record<string, unknown>; secretName?: string }

/**
 * Reads a volume from a PersistentVolume, a pod or a workload (YAML or JSON; a Secret in the same text gives the key),
 * or from the options as the kubelet sends them.
 *
 * @param wanted the name of the volume, if the text contains several.
 * @throws CephflexError EBADREQUEST, which never quotes the text.
 */
export function parseVolumeFile(text: string, wanted?: string): VolumeFile {
  const objects = parseDocuments(text)
  const chosen = choose(objects, wanted)
  if (!chosen) {
    const [only, second] = objects
    if (only === undefined || second !== undefined || 'kind' in only) throw withoutFlexVolume(objects)
    return { options: { ...only } }
  }
  const { flex, name } = chosen
  const secretName = fieldAt(flex, 'secretRef', 'name')
  const options = {
    ...(typeof name === 'string' ? { [KUBELET_OPTIONS.volume]: name } : {}),
    [KUBELET_OPTIONS.access]: flex['readOnly'] === true ? 'ro' : 'rw',
    ...(secretName === undefined ? {} : secretEntries(objects, secretName)),
    ...((flex['options'] ?? {}) as UntypedObject),
  }
  return { options, ...(typeof secretName === 'string' ? { secretName } : {}) }
}

/**
 * What keeps the kubelet from calling this driver for the volume in a text, as `parseVolumeFile` chooses it; undefined if
 * the text has no objects of Kubernetes.
 */
export function findingsInVolumeFile(
  text: string,
  wanted: string | undefined,
  ours: string,
  installed: InstalledDriver,
): ObjectFinding[] | undefined {
  const objects = parseDocuments(text)
  const chosen = choose(objects, wanted)
  return chosen && objectFindings(objects, chosen, ours, installed)
}

function withoutFlexVolume(objects: readonly UntypedObject[]): CephflexError {
  const message = 'the file contains no volume with flexVolume'
  if (!objects.some(object => volumesOf(object, 'cephfs').length > 0)) return badObjects(message)
  return new CephflexError('EBADREQUEST', `${message}, only with cephfs, the plugin of Kubernetes itself`, {
    hint: 'convert its PersistentVolumes with "cephflex import --to-flex -f FILE"; in a pod, write flexVolume instead',
  })
}

function choose(objects: readonly UntypedObject[], wanted: string | undefined): VolumeInObjects | undefined {
  const all = objects.flatMap(object => volumesOf(object))
  const [first, second] = wanted === undefined ? all : all.filter(({ name }) => name === wanted)
  if (first === undefined) {
    if (wanted === undefined) return undefined
    throw badObjects(`the file contains no volume ${printable(wanted)} with flexVolume`)
  }
  if (second === undefined) return first
  throw new CephflexError(
    'EBADREQUEST',
    `the file contains ${all.length} volumes: ${all.map(({ name }) => name).join(', ')}`,
    {
      hint: 'choose one with --volume NAME',
    },
  )
}

/** A pod may have several volumes; a workload has them in its pod template, a CronJob in that of its jobs. */
function volumesOf(object: UntypedObject, source = 'flexVolume'): VolumeInObjects[] {
  const own = fieldAt(object, 'spec', source)
  if (isUntypedObject(own)) return [{ flex: own, name: fieldAt(object, 'metadata', 'name'), object }]
  return podSpecsIn(object).flatMap(podSpec =>
    listAt(podSpec, 'volumes').flatMap(volume => {
      const flex = fieldAt(volume, source)
      return isUntypedObject(flex) ? [{ flex, name: fieldAt(volume, 'name'), object, podSpec }] : []
    }),
  )
}

function podSpecsIn(value: unknown, depth = 0): UntypedObject[] {
  if (!isUntypedObject(value) || depth > MAX_DEPTH) return []
  if (Array.isArray(value['volumes'])) return [value]
  return ['spec', 'template', 'jobTemplate'].flatMap(name => podSpecsIn(value[name], depth + 1))
}

function secretEntries(objects: readonly UntypedObject[], name: unknown): Record<string, string> {
  const secret = objects.find(
    object =>
      fieldAt(object, 'kind') === 'Secret' &&
      (name === undefined || fieldAt(object, 'metadata', 'name') === name),
  )
  const data = Object.entries((fieldAt(secret, 'data') ?? {}) as UntypedObject).map(([key, value]) => [
    secretOption(key),
    String(value),
  ])
  const plain = Object.entries((fieldAt(secret, 'stringData') ?? {}) as UntypedObject).map(([key, value]) => [
    secretOption(key),
    Buffer.from(String(value)).toString('base64'),
  ])
  return Object.fromEntries([...data, ...plain]) as Record<string, string>
}
