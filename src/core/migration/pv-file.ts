import { CephflexError } from '../errors.js'
import { PROVISIONED_BY_ANNOTATION } from '../kubernetes/annotations.js'
import { fieldAt, listAt, parseDocuments, type UntypedObject } from '../kubernetes/untyped-objects.js'
import { normalPath } from '../text/paths.js'

type SecretRef = { name: string; namespace?: string | undefined }

/** A PersistentVolume in CephFS, with the source `cephfs` or `flexVolume`. */
export type CephFsVolume = {
  name: string
  source: 'cephfs' | 'flexVolume'
  /** Of a flexVolume. */
  driver?: string | undefined
  monitors: string
  /** In the configuration of a node, instead of `monitors`. */
  cluster?: string | undefined
  path: string
  user: string
  /** What of `path` and `user` is only a default. */
  defaults: ('path' | 'user')[]
  fsName?: string | undefined
  mounter?: string | undefined
  mountOptions: readonly string[]
  kernelOptions?: string | undefined
  msMode?: string | undefined
  fuseOptions?: string | undefined
  readOnly: boolean
  storage?: string | undefined
  accessModes: readonly string[]
  secret?: SecretRef | undefined
  /** Of an in-tree volume. */
  secretFile?: string | undefined
  claim?: SecretRef | undefined
  reclaimPolicy?: string | undefined
  storageClass?: string | undefined
  provisioner?: string | undefined
}

/** Where the data of a PersistentVolume with CephFS is, whatever mounts it. */
export type VolumePlace = Pick<CephFsVolume, 'name' | 'path' | 'fsName'>

export type VolumeObjects = {
  volumes: CephFsVolume[]
  /** Those of `volumes`, and of PersistentVolumes that only ceph-csi mounts. */
  places: VolumePlace[]
  classes: ReadonlyMap<string, Record<string, string>>
}

/**
 * The PersistentVolumes with CephFS in a text of YAML or JSON, and the parameters of the StorageClasses in it by name.
 * Ignores other objects.
 *
 * @throws CephflexError EBADREQUEST if there is no such PersistentVolume. Never quotes the text.
 */
export function parseVolumeObjects(input: string): VolumeObjects {
  const objects = parseDocuments(input)
  const persistent = objects.filter(object => fieldAt(object, 'kind') === 'PersistentVolume')
  const volumes = persistent.flatMap(object => {
    if (fieldAt(object, 'spec', 'cephfs') !== undefined) return [inTree(object)]
    return fieldAt(object, 'spec', 'flexVolume') === undefined ? [] : [flex(object)]
  })
  if (volumes.length === 0)
    throw new CephflexError(
      'EBADREQUEST',
      'the file contains no PersistentVolume with cephfs or flexVolume',
      {
        hint: 'create the file with "kubectl get pv -o yaml"',
      },
    )
  const classes = objects
    .filter(object => fieldAt(object, 'kind') === 'StorageClass')
    .map(
      object =>
        [
          text(fieldAt(object, 'metadata', 'name')) ?? '',
          (fieldAt(object, 'parameters') ?? {}) as Record<string, string>,
        ] as const,
    )
  const places = [...volumes.filter(isCephFs), ...persistent.flatMap(csiPlace)]
  return { volumes, places, classes: new Map(classes) }
}

/** Other drivers of flexVolumes mount other things. */
function isCephFs({ source, monitors, cluster, defaults }: CephFsVolume): boolean {
  return source === 'cephfs' || monitors !== '' || cluster !== undefined || !defaults.includes('path')
}

function inTree(object: UntypedObject): CephFsVolume {
  const source = fieldAt(object, 'spec', 'cephfs')
  const shared = common(object)
  return {
    ...shared,
    source: 'cephfs',
    monitors: texts(listAt(source, 'monitors')).join(','),
    path: path(fieldAt(source, 'path')),
    user: plainUser(fieldAt(source, 'user')),
    defaults: defaultsOf(fieldAt(source, 'path'), fieldAt(source, 'user')),
    mountOptions: texts(listAt(object, 'spec', 'mountOptions')),
    readOnly: fieldAt(source, 'readOnly') === true,
    secret: refAt(fieldAt(source, 'secretRef'), shared.claim?.namespace),
    secretFile: text(fieldAt(source, 'secretFile')),
  }
}

function flex(object: UntypedObject): CephFsVolume {
  const source = fieldAt(object, 'spec', 'flexVolume')
  const option = (name: string) => text(fieldAt(source, 'options', name))
  const shared = common(object)
  return {
    ...shared,
    source: 'flexVolume',
    driver: text(fieldAt(source, 'driver')),
    monitors: option('monitors') ?? '',
    cluster: option('cluster'),
    path: path(option('path')),
    user: plainUser(option('user') ?? option('id')),
    defaults: defaultsOf(option('path'), option('user') ?? option('id')),
    fsName: option('fsName'),
    mounter: option('mounter'),
    mountOptions: listed(option('mountOptions')),
    kernelOptions: option('kernelOptions'),
    msMode: option('msMode'),
    fuseOptions: option('fuseOptions'),
    readOnly: fieldAt(source, 'readOnly') === true,
    secret: refAt(fieldAt(source, 'secretRef'), shared.claim?.namespace),
  }
}

/** The directory of a volume of ceph-csi: a static one names it as rootPath, others as subvolumePath. */
function csiPlace(object: UntypedObject): VolumePlace[] {
  const attributes = fieldAt(object, 'spec', 'csi', 'volumeAttributes')
  const found = text(fieldAt(attributes, 'rootPath')) ?? text(fieldAt(attributes, 'subvolumePath'))
  if (found === undefined) return []
  const { name } = common(object)
  return [{ name, path: path(found), fsName: text(fieldAt(attributes, 'fsName')) }]
}

function common(object: UntypedObject) {
  const spec = fieldAt(object, 'spec')
  const claim = refAt(fieldAt(spec, 'claimRef'))
  return {
    name: text(fieldAt(object, 'metadata', 'name')) ?? '',
    storage: text(fieldAt(spec, 'capacity', 'storage')),
    accessModes: texts(listAt(spec, 'accessModes')),
    claim,
    reclaimPolicy: text(fieldAt(spec, 'persistentVolumeReclaimPolicy')),
    storageClass: text(fieldAt(spec, 'storageClassName')),
    provisioner: text(fieldAt(object, 'metadata', 'annotations', PROVISIONED_BY_ANNOTATION)),
  }
}

function texts(value: unknown[]): string[] {
  return value.filter(entry => typeof entry === 'string')
}

/** Kubernetes accepts a path without its first slash. */
function path(value: unknown): string {
  return normalPath(`/${text(value) ?? ''}`)
}

function defaultsOf(givenPath: unknown, user: unknown): CephFsVolume['defaults'] {
  return [
    ...(text(givenPath) === undefined ? (['path'] as const) : []),
    ...(text(user) === undefined ? (['user'] as const) : []),
  ]
}

function plainUser(user: unknown): string {
  return (text(user) ?? 'admin').replace(/^client\./, '')
}

function listed(value: string | undefined): string[] {
  return value?.split(',').filter(Boolean) ?? []
}

function refAt(object: unknown, fallback?: string): SecretRef | undefined {
  const name = text(fieldAt(object, 'name'))
  return name === undefined ? undefined : { name, namespace: text(fieldAt(object, 'namespace')) ?? fallback }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
