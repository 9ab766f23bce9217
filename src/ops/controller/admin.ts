import { CephflexError, toCephflexError } from '../../core/errors.js'
import { secretOption } from '../../core/kubelet/call-options.js'
import { type KubeSecret, pathOf } from '../../core/kubernetes/objects.js'
import type { Parameters } from '../../core/provision/parameters.js'
import type { Secret } from '../../core/secret.js'
import { parseKeyMaterial } from '../../core/volume/cephx-key.js'
import { pickSecret } from '../../core/volume/secret-entries.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import type { System } from '../../system/system.js'
import { find } from '../kubernetes/api.js'
import { adminAccess } from '../provision/access.js'
import type { AdminAccess } from '../provision/provisioner.js'

/**
 * The admin access of a StorageClass: with a key from the Secret that its
 * parameters name, else from this node's configuration. The key stays in memory.
 *
 * @throws CephflexError EBADKEY, EBADVOLUME. No message quotes a key.
 */
export async function adminAccessOfClass(
  system: System,
  client: KubeClient,
  parameters: Parameters,
): Promise<AdminAccess> {
  const { monitors, adminSecretName, adminId: user, fsName, claimRoot, backend } = parameters
  if (monitors === undefined || adminSecretName === undefined) return adminAccess(system, parameters)
  const key = await readAdminKey(client, parameters, adminSecretName)
  return { monitors, user, key, fsName, claimRoot, backend }
}

async function readAdminKey(client: KubeClient, parameters: Parameters, name: string): Promise<Secret> {
  const namespace = parameters.adminSecretNamespace
  const description = `the Secret ${namespace}/${name} (adminSecretName of the StorageClass)`
  const secret = await find<KubeSecret>(client, pathOf.secret(namespace, name))
  if (secret === undefined)
    throw new CephflexError('EBADKEY', `${description} does not exist`, {
      hint: `create it: "kubectl create secret generic ${name} --namespace ${namespace} --from-file=key=FILE"`,
    })
  const entries = Object.entries(secret.data ?? {}).map(([entry, value]) => [secretOption(entry), value])
  try {
    const { content } = pickSecret(Object.fromEntries(entries), parameters.adminId)
    return parseKeyMaterial(content, parameters.adminId)
  } catch (error) {
    const { code, message } = toCephflexError(error)
    throw new CephflexError(code, `${description} cannot be used: ${message}`)
  }
}
