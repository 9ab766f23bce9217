import { CephflexError } from '../errors.js'
import { KUBELET_OPTIONS } from '../kubelet/call-options.js'
import { printable } from '../text/printable.js'
import { checkVolumeName, isClaimVolumeName, volumeNames } from './names.js'
import { PARAMETERS, type Parameters, parseParameters } from './parameters.js'
import { parseQuantity } from './quantity.js'
import type { OnDelete } from './volume.js'

const CALLED_BY = "the flex provisioner passes it: see the page of provisioning, 'cephflex help provisioning'"
const NAME = KUBELET_OPTIONS.volume
const SIZES = { requestBytes: 1n, requestMiB: 1024n ** 2n, requestGiB: 1024n ** 3n } as const

/** A checked `provision` call. `pv` is the name of the PersistentVolume. */
export type ProvisionCall = { pv: string; sizeBytes: bigint; parameters: Parameters }

/**
 * Reads `provision JSON` of external-storage's flex provisioner: the name of the PersistentVolume and the size, merged
 * with the parameters of the StorageClass, which win. So that a class cannot set another name, only one that a
 * provisioner chooses (`pvc-` and a uid) is accepted.
 *
 * @throws CephflexError EBADREQUEST, EBADVOLUME.
 */
export function parseProvisionCall(args: readonly string[]): ProvisionCall {
  const entries = parseObject('provision', args)
  const pv = nameIn(entries)
  if (!isClaimVolumeName(pv))
    throw new CephflexError(
      'EBADVOLUME',
      `${NAME} ${printable(pv)} is not "pvc-" followed by a uid: the StorageClass must not set it`,
    )
  const parameters = parametersIn(entries, () => true)
  refuseClaimParameters(parameters)
  return { pv, sizeBytes: sizeIn(entries), parameters }
}

/**
 * Reads `delete JSON`: the name, and the options of the PersistentVolume, which are empty if the flex provisioner wrote
 * it. Ignores options that are only for mounting. `onDelete` is only set if it is among them.
 *
 * @throws CephflexError EBADREQUEST, EBADVOLUME.
 */
export function parseDeleteCall(
  args: readonly string[],
): Omit<ProvisionCall, 'sizeBytes'> & { onDelete?: OnDelete } {
  const entries = parseObject('delete', args)
  const isParameter = (key: string) => Object.hasOwn(PARAMETERS, key)
  const parameters = parametersIn(entries, isParameter)
  const given = Object.hasOwn(entries, 'onDelete') ? { onDelete: parameters.onDelete } : {}
  return { pv: nameIn(entries), parameters, ...given }
}

/** The volume that a `provision` call requests. */
export function requestOf({ pv, sizeBytes, parameters }: ProvisionCall, backend: 'subvolume' | 'directory') {
  return {
    pv,
    names: volumeNames(pv, backend),
    sizeBytes,
    readOnly: false,
    pool: parameters.pool,
    mode: parameters.mode,
    onDelete: parameters.onDelete,
  }
}

function refuseClaimParameters({ deterministicNames, userPer }: Parameters): void {
  const refused = deterministicNames
    ? 'deterministicNames'
    : userPer === 'namespace'
      ? 'userPer "namespace"'
      : undefined
  if (refused !== undefined)
    throw new CephflexError(
      'EBADVOLUME',
      `${refused} is not supported here: this provisioner does not pass the name of the claim`,
    )
}

/**
 * The size, from three entries with different units, each rounded up. They must agree: a StorageClass that sets one of
 * them would otherwise change the size silently.
 */
function sizeIn(entries: Readonly<Record<string, unknown>>): bigint {
  const text = entries['requestBytes']
  if (typeof text !== 'string' || !/^\d{1,20}$/.test(text))
    throw new CephflexError('EBADREQUEST', 'requestBytes is missing or not a number of bytes', {
      hint: CALLED_BY,
    })
  const bytes = parseQuantity(text)
  for (const [name, unit] of Object.entries(SIZES)) {
    const given = entries[name]
    if (given === undefined) continue
    if (given !== String((bytes + unit - 1n) / unit))
      throw new CephflexError(
        'EBADVOLUME',
        `requestBytes ${printable(text)} and ${name} ${printable(String(given))} differ: the StorageClass must not set the size`,
      )
  }
  return bytes
}

function parseObject(call: string, args: readonly string[]): Record<string, unknown> {
  const [json = ''] = args
  if (args.length !== 1)
    throw new CephflexError('EBADREQUEST', `${call} takes 1 argument, JSON, not ${args.length}`, {
      hint: `call it as "${call} JSON"`,
    })
  let raw: unknown
  try {
    raw = JSON.parse(json)
  } catch {
    // V8's message is dropped: it quotes the input
    throw new CephflexError('EBADREQUEST', 'the argument is not JSON', { hint: `call it as "${call} JSON"` })
  }
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return raw as Record<string, unknown>
  throw new CephflexError('EBADREQUEST', 'the argument is not a JSON object', {
    hint: `call it as "${call} JSON"`,
  })
}

function nameIn(entries: Readonly<Record<string, unknown>>): string {
  const name = entries[NAME]
  if (typeof name !== 'string')
    throw new CephflexError('EBADREQUEST', `${NAME} is missing`, { hint: CALLED_BY })
  checkVolumeName(name)
  return name
}

function parametersIn(
  entries: Readonly<Record<string, unknown>>,
  isOurs: (key: string) => boolean,
): Parameters {
  return parseParameters(
    Object.fromEntries(
      Object.entries(entries).filter(([key]) => key !== NAME && !(key in SIZES) && isOurs(key)),
    ),
  )
}
