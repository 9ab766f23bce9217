import { fieldAt, isUntypedObject, listAt, type UntypedObject } from '../../kubernetes/untyped-objects.js'
import { parseQuantity } from '../../provision/quantity.js'
import { printable } from '../../text/printable.js'
import { doubtful, type ObjectFinding, refused } from './finding.js'

/** Why the claims in a file that are meant for a PersistentVolume cannot be bound to it. */
export function claimFindings(objects: readonly UntypedObject[], volume: UntypedObject): ObjectFinding[] {
  return claimsFor(objects, volume).flatMap(claim => [
    ...bindings(claim, volume),
    ...storageClass(claim, volume),
    ...modes(claim, volume),
    ...size(claim, volume),
  ])
}

/** Claims that pods in the file name, and that are not in it. */
export function unknownClaims(objects: readonly UntypedObject[]): ObjectFinding[] {
  const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim')
  if (claims.length === 0) return []
  const names = claims.map(claim => fieldAt(claim, 'metadata', 'name'))
  return objects
    .flatMap(object => ('spec' in object ? claimNamesIn(object) : []))
    .filter(name => !names.includes(name))
    .map(name =>
      refused(
        'claim',
        `the pod is not started: persistentvolumeclaim ${printable(name)} not found; the file contains ${names.map(each => printable(String(each))).join(', ')}`,
        'correct claimName in the pod',
      ),
    )
}

function claimNamesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(claimNamesIn)
  if (!isUntypedObject(value)) return []
  const own = fieldAt(value, 'persistentVolumeClaim', 'claimName')
  return [...(typeof own === 'string' ? [own] : []), ...Object.values(value).flatMap(claimNamesIn)]
}

/** The namespace in which the pod of a PersistentVolume runs, as far as the file says. */
export function claimNamespace(objects: readonly UntypedObject[], volume: UntypedObject): unknown {
  const claim = claimsFor(objects, volume)[0]
  return fieldAt(volume, 'spec', 'claimRef', 'namespace') ?? fieldAt(claim, 'metadata', 'namespace')
}

function claimsFor(objects: readonly UntypedObject[], volume: UntypedObject): UntypedObject[] {
  const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim')
  const volumes = objects.filter(({ kind }) => kind === 'PersistentVolume')
  const named = claims.filter(claim => isNamed(claim, volume))
  return named.length > 0 || claims.length > 1 || volumes.length > 1 ? named : claims
}

function isNamed(claim: UntypedObject, volume: UntypedObject): boolean {
  const byClaim = fieldAt(claim, 'spec', 'volumeName')
  if (byClaim !== undefined && byClaim === fieldAt(volume, 'metadata', 'name')) return true
  const byVolume = fieldAt(volume, 'spec', 'claimRef', 'name')
  return byVolume !== undefined && byVolume === fieldAt(claim, 'metadata', 'name')
}

function bindings(claim: UntypedObject, volume: UntypedObject): ObjectFinding[] {
  const name = nameOf(claim)
  const wanted = fieldAt(claim, 'spec', 'volumeName')
  const own = fieldAt(volume, 'metadata', 'name')
  const ref = fieldAt(volume, 'spec', 'claimRef')
  const refName = fieldAt(ref, 'name')
  const refSpace = fieldAt(ref, 'namespace')
  const space = fieldAt(claim, 'metadata', 'namespace')
  const problems: ObjectFinding[] = []
  if (wanted !== undefined && wanted !== '' && wanted !== own)
    problems.push(
      refused(
        'claim',
        `the claim ${name} is bound to the volume ${printable(String(wanted))}, not to ${printable(String(own))}`,
        `set spec.volumeName of the claim to ${String(own)}`,
      ),
    )
  const isOther =
    (refName !== undefined && refName !== fieldAt(claim, 'metadata', 'name')) ||
    (refSpace !== undefined && space !== undefined && refSpace !== space)
  if (isOther)
    problems.push(
      refused(
        'claim',
        `the claim ${name} is not bound: volume already bound to a different claim (${String(refSpace ?? '')}/${String(refName ?? '')})`,
        'correct name and namespace in spec.claimRef of the volume',
      ),
    )
  return problems
}

function storageClass(claim: UntypedObject, volume: UntypedObject): ObjectFinding[] {
  const ofVolume = fieldAt(volume, 'spec', 'storageClassName') ?? ''
  const ofClaim = fieldAt(claim, 'spec', 'storageClassName')
  if (ofClaim === undefined)
    return ofVolume === ''
      ? [
          doubtful(
            'storageClassName',
            `the claim ${nameOf(claim)} has no storageClassName: if the cluster has a default class, a new volume is provisioned instead`,
            'set storageClassName: "" in the claim',
          ),
        ]
      : [mismatch(claim, 'storageClassName does not match', `set it to ${String(ofVolume)} in the claim`)]
  return ofClaim === ofVolume
    ? []
    : [
        mismatch(
          claim,
          'storageClassName does not match',
          'set the same storageClassName in claim and volume',
        ),
      ]
}

function modes(claim: UntypedObject, volume: UntypedObject): ObjectFinding[] {
  const offered = listAt(volume, 'spec', 'accessModes')
  const missing = listAt(claim, 'spec', 'accessModes').filter(mode => !offered.includes(mode))
  const mode = (object: UntypedObject) => fieldAt(object, 'spec', 'volumeMode') ?? 'Filesystem'
  return [
    ...(missing.length > 0
      ? [
          mismatch(
            claim,
            `incompatible accessMode (${missing.join(', ')})`,
            'set the same accessModes in both',
          ),
        ]
      : []),
    ...(mode(claim) === mode(volume)
      ? []
      : [mismatch(claim, 'incompatible volumeMode', 'set volumeMode to Filesystem in both')]),
  ]
}

function size(claim: UntypedObject, volume: UntypedObject): ObjectFinding[] {
  const wanted = bytes(fieldAt(claim, 'spec', 'resources', 'requests', 'storage'))
  const offered = bytes(fieldAt(volume, 'spec', 'capacity', 'storage'))
  if (wanted === undefined || offered === undefined || wanted <= offered) return []
  return [
    mismatch(claim, 'requested PV is too small', 'request no more than spec.capacity.storage of the volume'),
  ]
}

function bytes(quantity: unknown): bigint | undefined {
  try {
    return quantity === undefined ? undefined : parseQuantity(String(quantity))
  } catch {
    return undefined
  }
}

function mismatch(claim: UntypedObject, why: string, fix: string): ObjectFinding {
  return refused('claim', `the claim ${nameOf(claim)} is not bound to this volume: ${why}`, fix)
}

function nameOf(claim: UntypedObject): string {
  return printable(String(fieldAt(claim, 'metadata', 'name') ?? ''))
}
