import { DriverError } from '../errors.js'
import { at, bad, isThing, listAt, parseDocuments, type Thing } from '../kubernetes/untyped-objects.js'
import { shown } from '../text/printable.js'

/** What a volume file asks for: options as the kubelet sends them, and which Secret they need. */
export type VolumeFile = { options: Record<string, unknown>; secretName?: string }

/** A pod may hold several volumes; a template of a Deployment holds its pod further down. */
const volumesOf = (thing: Thing): { flex: Thing; name: unknown }[] => {
  const own = at(thing, 'spec', 'flexVolume')
  if (isThing(own)) return [{ flex: own, name: at(thing, 'metadata', 'name') }]
  const specs = [at(thing, 'spec'), at(thing, 'spec', 'template', 'spec')]
  return specs
    .flatMap(spec => listAt(spec, 'volumes'))
    .flatMap(volume => {
      const flex = at(volume, 'flexVolume')
      return isThing(flex) ? [{ flex, name: at(volume, 'name') }] : []
    })
}

const SECRET = 'kubernetes.io/secret/'

const secretEntries = (things: readonly Thing[], name: unknown): Record<string, string> => {
  const secret = things.find(
    thing => at(thing, 'kind') === 'Secret' && (name === undefined || at(thing, 'metadata', 'name') === name),
  )
  const data = Object.entries((at(secret, 'data') ?? {}) as Thing).map(([key, value]) => [
    `${SECRET}${key}`,
    String(value),
  ])
  const plain = Object.entries((at(secret, 'stringData') ?? {}) as Thing).map(([key, value]) => [
    `${SECRET}${key}`,
    Buffer.from(String(value)).toString('base64'),
  ])
  return Object.fromEntries([...data, ...plain]) as Record<string, string>
}

const choose = (things: readonly Thing[], wanted: string | undefined) => {
  const all = things.flatMap(volumesOf)
  const [first, second] = wanted === undefined ? all : all.filter(({ name }) => name === wanted)
  if (first === undefined) {
    if (wanted === undefined) return undefined
    throw bad(`no volume ${shown(wanted)} with flexVolume is in it`)
  }
  if (second === undefined) return first
  throw new DriverError(
    'EBADREQUEST',
    `it holds ${all.length} volumes: ${all.map(({ name }) => name).join(', ')}`,
    {
      hint: 'choose one with --volume NAME',
    },
  )
}

/**
 * Reads a volume from a PersistentVolume, a pod or a workload with one
 * (YAML or JSON; a Secret in the same text gives the key), or from the
 * options as the kubelet sends them.
 *
 * @param wanted the name of the volume, if there are several.
 * @throws DriverError EBADREQUEST; never quotes the text.
 */
export const parseVolumeFile = (text: string, wanted?: string): VolumeFile => {
  const things = parseDocuments(text)
  const chosen = choose(things, wanted)
  if (!chosen) {
    const [only, second] = things
    if (only === undefined || second !== undefined || 'kind' in only)
      throw bad('no volume with flexVolume is in it')
    return { options: { ...only } }
  }
  const { flex, name } = chosen
  const secretName = at(flex, 'secretRef', 'name')
  const options = {
    ...(typeof name === 'string' ? { 'kubernetes.io/pvOrVolumeName': name } : {}),
    'kubernetes.io/readwrite': flex['readOnly'] === true ? 'ro' : 'rw',
    ...(secretName === undefined ? {} : secretEntries(things, secretName)),
    ...((flex['options'] ?? {}) as Thing),
  }
  return { options, ...(typeof secretName === 'string' ? { secretName } : {}) }
}
