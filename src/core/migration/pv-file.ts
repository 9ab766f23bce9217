import { CephflexError } from '../errors.js'
import { PROVISIONED_BY_ANNOTATION } from '../kubernetes/annotations.js'
import { fieldAt, listAt, parseDocuments, type UntypedObject } from '../kubernetes/untyped-objects.js'
import { normalPath } from '../text/paths.js'

type SecretRef = { name: string; namespace?: string | undefined }

/** A PersistentVolume in CephFS, with the source `cephfs` or `flexVolume`. */
export type CephFsVolume = {
  name: string
  source: 'cephfs' | 'flexVolume'
  monitors: string
  path: string
  user: string
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
  claim?: SecretRef | undefined
  storageClass?: string | undefined
  provisioner?: string | undefined
}

export type VolumeObjects = { volumes: CephFsVolume[]; classes: ReadonlyMap<string, Record<string, string>> }

/**
 * The PersistentVolumes with CephFS in a text of YAML or JSON, and the parameters of the StorageClasses in it by name.
 * Ignores other objects.
 *
 * @throws CephflexError EBADREQUEST if there is no such PersistentVolume. Never quotes the text.
 */
export function parseVolumeObjects(input: string): VolumeObjects {
  const objects = parseDocuments(input)
  const volumes = objects
    .filter(object => fieldAt(object, 'kind') === 'PersistentVolume')
    .flatMap(object => {
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
  return { volumes, classes: new Map(classes) }
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
    mountOptions: texts(listAt(object, 'spec', 'mountOptions')),
    readOnly: fieldAt(source, 'readOnly') === true,
    secret: refAt(fieldAt(source, 'secretRef'), shared.claim?.namespace),
  }
}

function flex(object: UntypedObject): CephFsVolume {
  const source = fieldAt(object, 'spec', 'flexVolume')
  const option = (name: string) => text(fieldAt(source, 'options', name))
  const shared = common(object)
  return {
    ...shared,
    source: 'flexVolume',
    monitors: option('monitors') ?? '',
    path: path(option('path')),
    user: plainUser(option('user') ?? option('id')),
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

function common(object: UntypedObject) {
  const spec = fieldAt(object, 'spec')
  const claim = refAt(fieldAt(spec, 'claimRef'))
  return {
    name: text(fieldAt(object, 'metadata', 'name')) ?? '',
    storage: text(fieldAt(spec, 'capacity', 'storage')),
    accessModes: texts(listAt(spec, 'accessModes')),
    claim,
    storageClass: text(fieldAt(spec, 'storageClassName')),
    provisioner: text(fieldAt(object, 'metadata', 'annotations', PROVISIONED_BY_ANNOTATION)),
  }
}

function texts(value: unknown[]): string[] {
  return value.filter(entry => typeof entry === 'string')
}

function path(value: unknown): string {
  return normalPath(text(value) ?? '/')
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
