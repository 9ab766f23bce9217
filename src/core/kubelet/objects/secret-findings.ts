import { fieldAt, isUntypedObject, type UntypedObject } from '../../kubernetes/untyped-objects.js'
import { printable } from '../../text/printable.js'
import { doubtful, type ObjectFinding, refused, type VolumeInObjects } from './finding.js'

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * Why the kubelet cannot pass the Secret of a volume to the driver.
 *
 * @param podNamespace where the pod runs, as far as the file says.
 */
export function secretFindings(
  objects: readonly UntypedObject[],
  volume: VolumeInObjects,
  podNamespace: unknown,
): ObjectFinding[] {
  const { flex } = volume
  const ref = flex['secretRef']
  if (ref === undefined || ref === null) return withoutSecret(volume)
  const name = fieldAt(ref, 'name')
  if (typeof name !== 'string' || name === '')
    return [
      refused(
        'secretRef',
        'flexVolume.secretRef has no name',
        'set secretRef.name to the name of the Secret',
      ),
    ]
  const namespace = volume.podSpec ? podNamespace : (fieldAt(ref, 'namespace') ?? podNamespace)
  const secrets = objects.filter(({ kind }) => kind === 'Secret')
  const named = secrets.filter(secret => fieldAt(secret, 'metadata', 'name') === name)
  const usable = named.filter(secret => isIn(secret, namespace))
  const found = usable[0]
  return [
    ...foreignNamespace(volume),
    ...(found ? [...type(found, flex['driver']), ...data(found)] : missing(secrets, named, name, namespace)),
    ...(found ? unknownNamespace(volume, found, namespace) : []),
  ]
}

function withoutSecret({ flex }: VolumeInObjects): ObjectFinding[] {
  const options = flex['options']
  if (fieldAt(options, 'secretFile') !== undefined) return []
  return [
    refused(
      'secretRef',
      'flexVolume has no secretRef, so the kubelet passes no key to the driver',
      'set secretRef.name to the name of the Secret, or the option secretFile',
    ),
  ]
}

function isIn(secret: UntypedObject, namespace: unknown): boolean {
  const own = fieldAt(secret, 'metadata', 'namespace')
  return own === undefined || namespace === undefined || own === namespace
}

function foreignNamespace({ flex, podSpec }: VolumeInObjects): ObjectFinding[] {
  return podSpec && fieldAt(flex, 'secretRef', 'namespace') !== undefined
    ? [
        refused(
          'secretRef',
          'a volume in a pod cannot name the namespace of its Secret (unknown field secretRef.namespace): the kubelet looks in the namespace of the pod',
          'create the Secret in the namespace of the pod, or use a PersistentVolume',
        ),
      ]
    : []
}

function missing(
  secrets: readonly UntypedObject[],
  named: readonly UntypedObject[],
  name: string,
  namespace: unknown,
): ObjectFinding[] {
  const other = named[0]
  if (other)
    return [
      refused(
        'secretRef',
        `couldn't get secret ${String(namespace)}/${name}: secrets ${printable(name)} not found; the Secret of this name is in the namespace ${printable(String(fieldAt(other, 'metadata', 'namespace')))}`,
        'create it in the namespace of the pod; a PersistentVolume can set secretRef.namespace',
      ),
    ]
  if (secrets.length === 0) return []
  const names = secrets.map(secret => String(fieldAt(secret, 'metadata', 'name')))
  return [
    refused(
      'secretRef',
      `couldn't get secret ${name}: secrets ${printable(name)} not found; the file contains ${names.map(printable).join(', ')}`,
      'correct secretRef.name, or the name of the Secret',
    ),
  ]
}

function unknownNamespace(
  { flex, podSpec }: VolumeInObjects,
  secret: UntypedObject,
  namespace: unknown,
): ObjectFinding[] {
  const own = fieldAt(secret, 'metadata', 'namespace')
  if (podSpec || fieldAt(flex, 'secretRef', 'namespace') !== undefined) return []
  if (own === undefined || namespace !== undefined) return []
  return [
    doubtful(
      'secretRef',
      `secretRef has no namespace, so the kubelet looks in the namespace of the pod; this Secret is in ${printable(String(own))}`,
      `set secretRef.namespace to ${String(own)}`,
    ),
  ]
}

function type(secret: UntypedObject, driver: unknown): ObjectFinding[] {
  const found = secret['type'] ?? 'Opaque'
  if (typeof driver !== 'string' || found === driver) return []
  return [
    refused(
      'secret',
      `the kubelet refuses the Secret: cannot get secret of type ${driver}; its type is ${printable(String(found))}`,
      `create it with type: ${driver} (the type of a Secret cannot be changed)`,
    ),
  ]
}

function data(secret: UntypedObject): ObjectFinding[] {
  const entries = ['data', 'stringData'].flatMap(field => {
    const map = secret[field]
    return isUntypedObject(map) ? Object.entries(map).map(([key, value]) => ({ field, key, value })) : []
  })
  if (entries.length === 0)
    return [
      refused(
        'secret',
        'the Secret has no entries, so the kubelet passes no key to the driver',
        'add the key as its entry "key"',
      ),
    ]
  return entries.flatMap(({ field, key, value }) => {
    if (typeof value !== 'string')
      return [
        refused(
          'secret',
          `the API server refuses ${field}.${printable(key)} of the Secret: it is no string`,
          'quote the value',
        ),
      ]
    return field === 'data' && !BASE64.test(value.replace(/[\r\n]/g, ''))
      ? [
          refused(
            'secret',
            `the API server refuses data.${printable(key)} of the Secret: illegal base64 data`,
            'move it to stringData, or encode it once with base64',
          ),
        ]
      : []
  })
}
