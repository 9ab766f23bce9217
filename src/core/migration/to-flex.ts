import { isDeepStrictEqual } from 'node:util'
import { parseMonitors } from '../ceph/monitors.js'
import { DRIVER } from '../provision/kubernetes.js'
import { shellQuoted } from '../text/shell.js'
import type { LeftOut } from './export-checks.js'
import { claimRefOf, renamed } from './new-volume.js'
import type { CephFsVolume } from './pv-file.js'

/** Where the in-tree plugin reads the key of a volume without a Secret. */
const defaultSecretFile = (user: string) => `/etc/ceph/${user}.secret`

/**
 * The PersistentVolume with a flexVolume for the directory of an in-tree one. It keeps the data: its policy is Retain.
 *
 * The kubelet ignores `readOnly` of a flexVolume in a PersistentVolume, so it becomes the mount option `ro`. The API
 * server refuses `spec.mountOptions` of a flexVolume, so they become an option of the volume.
 *
 * @param volume with the source `cephfs`.
 * @see kubernetes pkg/volume/cephfs/cephfs.go, for the defaults
 */
export function flexVolume(volume: CephFsVolume) {
  const { name, monitors, path, user, secret, accessModes, storage, storageClass } = volume
  const mountOptions = [...new Set([...(volume.readOnly ? ['ro'] : []), ...volume.mountOptions])].join(',')
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: renamed(name, 'flex') },
    spec: {
      capacity: { storage: storage ?? '1Gi' },
      accessModes: accessModes.length > 0 ? accessModes : ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: storageClass ?? '',
      volumeMode: 'Filesystem',
      ...claimRefOf(volume),
      flexVolume: {
        driver: DRIVER,
        ...(secret ? { secretRef: { ...secret, name: flexSecretName(secret.name) } } : {}),
        options: {
          monitors,
          path,
          user,
          ...(mountOptions === '' ? {} : { mountOptions }),
          ...(secret ? {} : { secretFile: secretFileOf(volume) }),
        },
      },
    },
  }
}

/** The in-tree volumes that can be converted, each once, and the others with the reason. */
export function convertible(volumes: readonly CephFsVolume[]): { good: CephFsVolume[]; leftOut: LeftOut[] } {
  const once = volumes
    .filter(({ source }) => source === 'cephfs')
    .filter((volume, i, all) => all.findIndex(other => isDeepStrictEqual(other, volume)) === i)
  const judged = once.map(volume => ({ volume, reason: problemOf(volume, once) }))
  return {
    good: judged.filter(({ reason }) => reason === undefined).map(({ volume }) => volume),
    leftOut: judged.flatMap(({ volume: { name }, reason }) =>
      reason === undefined ? [] : [{ name, reason }],
    ),
  }
}

function problemOf({ name, monitors }: CephFsVolume, all: readonly CephFsVolume[]): string | undefined {
  if (all.filter(other => other.name === name).length > 1) return 'the file has it twice, with differences'
  const { problems } = parseMonitors(monitors)
  return problems.length === 0 ? undefined : `monitors ${problems.join('; ')}`
}

/** What a person has to do besides applying the PersistentVolume; commands and lines for people. */
export function flexSteps(volume: CephFsVolume): string[] {
  const { name, storage, secret, mountOptions } = volume
  const { name: ofSecret, namespace } = secret ?? {}
  return [
    ...(ofSecret === undefined
      ? [
          `${name} reads its key from ${secretFileOf(volume)}: add its directory to secretDirectories in /etc/cephflex/config.json on each node`,
        ]
      : [`the Secret needs the type ${DRIVER}: ${copySecret(ofSecret, namespace)}`]),
    ...(ofSecret !== undefined && namespace === undefined
      ? [`${name} has no claim, so add the namespace of its Secret as secretRef.namespace`]
      : []),
    ...(mountOptions.length > 0 ? [`${name} has mountOptions: try them with "cephflex mount-test"`] : []),
    ...(storage === undefined ? [`${name} has no size: 1Gi was written instead`] : []),
  ]
}

function secretFileOf({ user, secretFile }: CephFsVolume): string {
  return secretFile ?? defaultSecretFile(user)
}

/** A Secret cannot change its type, so the new one needs another name. */
function flexSecretName(name: string): string {
  return renamed(name, 'flex')
}

/** Copies the key without showing it. The in-tree plugin takes the value of any entry. */
function copySecret(name: string, namespace: string | undefined): string {
  const where = namespace === undefined ? '' : ` -n ${shellQuoted(namespace)}`
  const value = `'{{range .data}}{{.}}{{end}}'`
  return `kubectl get secret${where} ${shellQuoted(name)} -o go-template=${value} | base64 -d | kubectl create secret generic${where} ${shellQuoted(flexSecretName(name))} --type=${DRIVER} --from-file=key=/dev/stdin`
}
