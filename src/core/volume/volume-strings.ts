import { CephflexError } from '../errors.js'
import { KUBELET_OPTIONS, KUBELET_PREFIX, secretEntry, secretOption } from '../kubelet/call-options.js'
import { isBlank } from '../text/blank.js'
import { didYouMean } from '../text/nearest.js'
import { printable } from '../text/printable.js'

/** Linux allows 128 KiB for one argument, including the NUL at its end. */
const MAX_BYTES = 131_071

/**
 * The known options of a call that are strings; `rejected` are the known ones that are not. A value that is empty, blank
 * or null is not given: templates write it for what they leave out. Unknown keys of the kubelet are left out, because
 * newer releases may add some.
 *
 * @throws CephflexError EBADREQUEST if `json` is too long, not JSON or not an object.
 */
export function readVolumeStrings(
  json: string,
  names: readonly string[],
): { strings: Record<string, string>; rejected: string[]; problems: string[] } {
  const strings: [string, string][] = []
  const rejected: string[] = []
  const problems: string[] = []
  for (const [key, value] of givenEntries(json, names)) {
    if (!names.includes(key) && !isKubeletKey(key)) {
      const isForeign = key.startsWith(KUBELET_PREFIX)
      if (!isForeign) problems.push(`${printable(key)} is not a known option${didYouMean(key, names)}`)
    } else if (typeof value === 'string') strings.push([key, value])
    else {
      rejected.push(key)
      problems.push(typeProblem(key, value))
    }
  }
  return { strings: Object.fromEntries(strings), rejected, problems }
}

/** All but the blank ones. A blank entry of the Secret, or a blank option that is unknown, is reported as such. */
function givenEntries(json: string, names: readonly string[]): [string, unknown][] {
  return Object.entries(parseObject(json))
    .map(([written, value]): [string, unknown] => [currentName(written), value])
    .filter(([key, value]) => !isBlank(value) || !(names.includes(key) || KUBELET_KEYS.has(key)))
}

function parseObject(json: string): object {
  if (Buffer.byteLength(json) > MAX_BYTES) {
    throw new CephflexError('EBADREQUEST', `the volume options are longer than ${MAX_BYTES} bytes`)
  }
  const raw = parseJson(json)
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return raw
  throw new CephflexError('EBADREQUEST', 'the volume options are not a JSON object')
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // V8's message is dropped: it quotes the input, which contains the key
    throw new CephflexError('EBADREQUEST', 'the volume options are not JSON')
  }
}

/** Before Kubernetes 1.3 the kubelet sent one entry of the Secret, without its name. */
function currentName(key: string): string {
  return key === `${KUBELET_PREFIX}secret` ? secretOption('key') : key
}

const KUBELET_KEYS = new Set<string>(Object.values(KUBELET_OPTIONS))

function isKubeletKey(key: string): boolean {
  return KUBELET_KEYS.has(key) || secretEntry(key) !== undefined
}

function typeProblem(key: string, value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean'
    ? `${printable(key)} must be quoted: "${value}"`
    : `${printable(key)} must be a string`
}
