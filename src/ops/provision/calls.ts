import { CephflexError, toCephflexError } from '../../core/errors.js'
import {
  type ProvisionCall,
  parseDeleteCall,
  parseProvisionCall,
  requestOf,
} from '../../core/provision/call.js'
import { parseParameters } from '../../core/provision/parameters.js'
import { type Place, refuseOtherPlace } from '../../core/provision/same-place.js'
import type { System } from '../../system/system.js'
import { adminAccess } from './access.js'
import { openProvisioner, type Provisioner } from './provisioner.js'
import { createVolume, deleteVolume } from './volumes.js'

/**
 * `provision JSON` of external-storage's flex provisioner. The result is only
 * for the log: that provisioner discards it, so all names follow from the
 * PersistentVolume's.
 *
 * @throws CephflexError what the call's parser, the access and `createVolume` throw.
 */
export async function provision(args: readonly string[], system: System): Promise<object> {
  const call = parseProvisionCall(args)
  refuseOtherPlace(adminAccess(system, call.parameters), placeOfDelete(system))
  return withProvisioner(system, call, async provisioner => {
    const { steps, volume } = await createVolume(provisioner, requestOf(call, provisioner.cluster.backend))
    return { pv: call.pv, path: volume?.path, user: volume?.user, steps: steps.length }
  })
}

/** `delete JSON`. Succeeds if the volume does not exist. @throws CephflexError as {@link provision}. */
export async function deprovision(args: readonly string[], system: System): Promise<object> {
  const { pv, onDelete, ...call } = parseDeleteCall(args)
  return withProvisioner(system, call, async provisioner => {
    const { steps } = await deleteVolume(provisioner, pv, onDelete ? { onDelete } : {})
    return { pv, steps: steps.length }
  })
}

/** Where `delete` searches without parameters. @throws CephflexError EBADVOLUME, EBADKEY. */
function placeOfDelete(system: System): Place {
  try {
    return adminAccess(system, parseParameters({}))
  } catch (error) {
    const { code, message, hint } = toCephflexError(error)
    throw new CephflexError(code, `a later "delete", which gets no parameters, would fail: ${message}`, {
      hint,
    })
  }
}

async function withProvisioner(
  system: System,
  { parameters }: Pick<ProvisionCall, 'parameters'>,
  work: (provisioner: Provisioner) => Promise<object>,
): Promise<object> {
  const provisioner = await openProvisioner(system, adminAccess(system, parameters))
  try {
    return await work(provisioner)
  } finally {
    await provisioner.close()
  }
}
