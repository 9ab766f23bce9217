import {
  PARAMETERS_ANNOTATION,
  PROVISIONED_BY_ANNOTATION,
  VOLUME_ANNOTATION,
} from '../kubernetes/annotations.js'
import { shellQuoted } from '../text/shell.js'
import type { CephFsVolume } from './pv-file.js'

/**
 * The commands after which `cephflex controller` handles an imported volume: it then deletes the data, the user, the
 * Secret and the PersistentVolume.
 *
 * @param parameters of its StorageClass: where the data is, and the admin's Secret for deleting it.
 */
export function takeOverCommands(
  { name, secret, provisioner = 'ceph.com/cephfs' }: CephFsVolume,
  parameters: Readonly<Record<string, string>>,
): string[] {
  const annotations = `${PROVISIONED_BY_ANNOTATION}=${shellQuoted(provisioner)} ${PARAMETERS_ANNOTATION}=${shellQuoted(JSON.stringify(parameters))}`
  const ofSecret =
    secret?.namespace === undefined
      ? []
      : [
          `kubectl annotate --overwrite secret -n ${secret.namespace} ${secret.name} ${VOLUME_ANNOTATION}=${name}`,
        ]
  return [`kubectl annotate --overwrite pv ${name} ${annotations}`, ...ofSecret]
}
