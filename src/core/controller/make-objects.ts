import type { Monitor } from '../ceph/monitors.js'
import { fuseMonitors } from '../ceph/monitors.js'
import {
  LABELS,
  NAMESPACE_UID_ANNOTATION,
  PARAMETERS_ANNOTATION,
  PROVISIONED_BY_ANNOTATION,
  VOLUME_ANNOTATION,
  VOLUME_FINALIZER,
} from '../kubernetes/annotations.js'
import type { Claim, KubeSecret, PersistentVolume, StorageClass } from '../kubernetes/objects.js'
import { secretManifest, secretName, volumeManifest } from '../provision/kubernetes.js'
import type { VolumeNames } from '../provision/names.js'
import type { Parameters } from '../provision/parameters.js'
import { tenantAt } from '../provision/tenant.js'
import type { Volume } from '../provision/volume.js'
import type { Secret } from '../secret.js'
import { classNameOf } from './claim.js'
import type { ControllerSettings } from './settings.js'

/** The Secret that the kubelet passes to the driver. It names its owner, so that no other Secret is ever deleted. */
export function secretFor(
  volume: Volume,
  key: Secret,
  { namespace, names }: { namespace: string; names: VolumeNames },
  { driver }: ControllerSettings,
): KubeSecret {
  const base = secretManifest(volume, key, namespace)
  return {
    ...base,
    type: driver,
    metadata: { ...base.metadata, annotations: { [VOLUME_ANNOTATION]: secretOwner(volume.pv, names) } },
  }
}

/** What a Secret belongs to: a volume, or the directory of a tenant, whose name no volume has. */
export function secretOwner(pv: string, { share }: Pick<VolumeNames, 'share'>): string {
  return tenantAt(share)?.directory ?? pv
}

/** Whether a Secret belongs to this owner. */
export function isSecretOf({ metadata }: KubeSecret, owner: string): boolean {
  return metadata.annotations?.[VOLUME_ANNOTATION] === owner
}

/**
 * The PersistentVolume of a claim, ready for this driver. Its `monitors` are those of the class, or of its `cluster`.
 */
export function volumeFor(
  volume: Volume,
  {
    claim,
    storageClass,
    parameters,
    monitors,
    namespaceUid,
  }: {
    claim: Claim
    storageClass: StorageClass
    parameters: Parameters
    monitors: readonly Monitor[]
    namespaceUid?: string | undefined
  },
  settings: ControllerSettings,
): PersistentVolume {
  const { namespace, name } = secretRefOf(claim, volume.user, settings)
  const options = {
    monitors: fuseMonitors(monitors),
    mounter: parameters.mounter,
    mountOptions: mountOptions(parameters, storageClass, volume.readOnly),
  }
  const base = volumeManifest(volume, options, namespace)
  return {
    ...base,
    metadata: {
      name: volume.pv,
      labels: LABELS,
      annotations: {
        [PROVISIONED_BY_ANNOTATION]: storageClass.provisioner,
        [PARAMETERS_ANNOTATION]: JSON.stringify(storageClass.parameters ?? {}),
        ...(namespaceUid === undefined ? {} : { [NAMESPACE_UID_ANNOTATION]: namespaceUid }),
      },
      finalizers: [VOLUME_FINALIZER],
    },
    spec: {
      ...base.spec,
      accessModes: claim.spec.accessModes ?? ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: classNameOf(claim),
      volumeMode: 'Filesystem',
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: namespaceOf(claim),
        name: claim.metadata.name,
        uid: claim.metadata.uid ?? '',
        resourceVersion: claim.metadata.resourceVersion,
      } as PersistentVolume['spec']['claimRef'] & object,
      flexVolume: { ...base.spec.flexVolume, driver: settings.driver, secretRef: { name, namespace } },
    },
  }
}

/** Namespace and name of the Secret of a claim's volume. */
export function secretRefOf(
  claim: Claim,
  user: string,
  { secretNamespace = namespaceOf(claim) }: ControllerSettings,
): { namespace: string; name: string } {
  return { namespace: secretNamespace, name: secretName(user) }
}

/**
 * Kubernetes refuses mountOptions of a PersistentVolume with flexVolume, so those of the class become an option of the
 * driver. The kubelet ignores `readOnly` of the volume source, so that becomes an option, too.
 */
function mountOptions(
  { mountOptions: own }: Parameters,
  { mountOptions: ofClass = [] }: StorageClass,
  readOnly: boolean,
): string | undefined {
  const all = [...ofClass, ...(own === undefined ? [] : own.split(',')), ...(readOnly ? ['ro'] : [])]
  return all.length === 0 ? undefined : [...new Set(all)].join(',')
}

function namespaceOf({ metadata }: Claim): string {
  return metadata.namespace ?? 'default'
}
