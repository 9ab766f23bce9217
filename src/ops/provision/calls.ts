import type { ErrorCode } from '../../core/error-codes.js'
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
import { type AdminAccess, openProvisioner, type Provisioner } from './provisioner.js'
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
  const checkPlace = (access: AdminAccess) => refuseOtherPlace(access, placeOfDelete(system))
  return withProvisioner(system, call, checkPlace, async provisioner => {
    const { steps, volume } = await createVolume(provisioner, requestOf(call, provisioner.cluster.backend))
    return { pv: call.pv, path: volume?.path, user: volume?.user, steps: steps.length }
  })
}

/** `delete JSON`. Succeeds if the volume does not exist. @throws CephflexError as {@link provision}. */
export async function deprovision(args: readonly string[], system: System): Promise<object> {
  const { pv, onDelete, ...call } = parseDeleteCall(args)
  return withProvisioner(
    system,
    call,
    () => undefined,
    async provisioner => {
      const { steps } = await deleteVolume(provisioner, pv, onDelete ? { onDelete } : {})
      return { pv, steps: steps.length }
    },
  )
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
  check: (access: AdminAccess) => void,
  work: (provisioner: Provisioner) => Promise<object>,
): Promise<object> {
  let provisioner: Provisioner | undefined
  try {
    const access = adminAccess(system, parameters)
    check(access)
    provisioner = await openProvisioner(system, access)
    return await work(provisioner)
  } catch (error) {
    throw withHint(error)
  } finally {
    await provisioner?.close()
  }
}

/** What the caller of `provision` can change, for failures whose usual hint is for volumes and Secrets. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  EBADKEY:
    'set adminKeyring of the cluster in /etc/cephflex/config.json to a file with the key of its adminId',
  EREFUSED:
    'compare the file adminKeyring of the cluster in /etc/cephflex/config.json with "ceph auth get client.USER"',
  ENOHOST: 'check the monitors of the cluster in /etc/cephflex/config.json, and DNS with "getent hosts NAME"',
  ENOFS: 'list the names with "ceph fs ls" and set fsName of the cluster in /etc/cephflex/config.json',
}

function withHint(error: unknown): unknown {
  if (!(error instanceof CephflexError)) return error
  const { code, message, hint, cause } = error
  return new CephflexError(code, message, { hint: HINTS[code] ?? hint, cause })
}
