import { fieldAt, isUntypedObject } from '../../kubernetes/untyped-objects.js'
import { printable } from '../../text/printable.js'
import { doubtful, type ObjectFinding, refused, type VolumeInObjects } from './finding.js'

/** What is installed under the name of another driver; undefined if nothing is. */
export type InstalledDriver = (name: string) => string | undefined

/** The fields of flexVolume. */
const FIELDS = ['driver', 'fsType', 'secretRef', 'readOnly', 'options']

const OTHER_SOURCES = ['cephfs', 'csi', 'nfs', 'rbd', 'hostPath', 'local', 'iscsi', 'glusterfs', 'emptyDir']

/** What is wrong with the source `flexVolume` itself, in a PersistentVolume as in a pod. */
export function sourceFindings(
  volume: VolumeInObjects,
  ours: string,
  installed: InstalledDriver,
): ObjectFinding[] {
  return [
    ...driverFindings(volume, ours, installed),
    ...fieldFindings(volume),
    ...optionFindings(volume),
    ...otherSources(volume),
    ...nameFindings(volume),
  ]
}

function driverFindings(
  { flex }: VolumeInObjects,
  ours: string,
  installed: InstalledDriver,
): ObjectFinding[] {
  const driver = flex['driver']
  const fix = `set flexVolume.driver to ${ours}`
  if (typeof driver !== 'string' || driver === '')
    return [refused('driver', 'the API server refuses it: flexVolume.driver: Required value', fix)]
  if (driver === ours) return []
  const path = installed(driver)
  const calls = `the kubelet calls the driver ${printable(driver)}, not ${ours}`
  return path === undefined
    ? [refused('driver', `${calls}, and it is not installed here: no volume plugin matched`, fix)]
    : [doubtful('driver', `${calls}: ${path}. This test uses ${ours}`, `run that program, or ${fix}`)]
}

function fieldFindings({ flex }: VolumeInObjects): ObjectFinding[] {
  const unknown = Object.keys(flex).filter(field => !FIELDS.includes(field))
  const { readOnly } = flex
  return [
    ...unknown.map(field =>
      refused(
        'flexVolume',
        `the API server refuses it: unknown field flexVolume.${printable(field)}`,
        `the fields are ${FIELDS.join(', ')}; what is meant for the driver belongs into options`,
      ),
    ),
    ...(readOnly === undefined || readOnly === null || typeof readOnly === 'boolean'
      ? []
      : [
          refused(
            'readOnly',
            'the API server refuses it: flexVolume.readOnly is no boolean',
            'write true or false without quotes',
          ),
        ]),
  ]
}

function optionFindings({ flex }: VolumeInObjects): ObjectFinding[] {
  const options = flex['options']
  if (options === undefined || options === null) return []
  if (!isUntypedObject(options))
    return [
      refused(
        'options',
        'the API server refuses it: options must be a map of strings',
        'write KEY: "VALUE" lines',
      ),
    ]
  return Object.keys(options)
    .filter(isReserved)
    .map(key =>
      refused(
        'options',
        `the API server refuses the option ${printable(key)}: kubernetes.io and k8s.io namespaces are reserved`,
        'remove it: the kubelet sets it itself',
      ),
    )
}

function isReserved(key: string): boolean {
  const space = key.split('/')[0]?.toLowerCase() ?? ''
  return /(?:^|\.)(?:kubernetes|k8s)\.io$/.test(space)
}

function otherSources({ object, podSpec, name }: VolumeInObjects): ObjectFinding[] {
  const volumes = podSpec?.['volumes']
  const holder = podSpec
    ? (Array.isArray(volumes) ? volumes : []).find(volume => fieldAt(volume, 'name') === name)
    : object['spec']
  const others = OTHER_SOURCES.filter(source => fieldAt(holder, source) !== undefined)
  return others.length === 0
    ? []
    : [
        refused(
          'source',
          `the API server refuses it: may not specify more than 1 volume type (flexVolume, ${others.join(', ')})`,
          'keep only flexVolume',
        ),
      ]
}

function nameFindings({ name, podSpec }: VolumeInObjects): ObjectFinding[] {
  const [pattern, rule] = podSpec
    ? ([/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, 'a lowercase RFC 1123 label'] as const)
    : ([
        /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
        'a lowercase RFC 1123 subdomain',
      ] as const)
  if (typeof name === 'string' && pattern.test(name)) return []
  const shown = typeof name === 'string' ? printable(name) : 'a missing name'
  return [
    refused(
      'name',
      `the API server refuses ${shown}: the name of a volume must be ${rule}`,
      'correct the name',
    ),
  ]
}
