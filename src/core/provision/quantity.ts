import { CephflexError } from '../errors.js'
import { printable } from '../text/printable.js'

const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const QUANTITY = /^\+?(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,3})|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?$/

/** Kubernetes stores a quantity as a signed 64-bit number. */
const MAX_BYTES = 2n ** 63n - 1n
const BLOCK_BYTES = 4n * 1024n ** 2n
/** More characters than any size within the limit needs. */
const MAX_LENGTH = 64

/**
 * The bytes of a Kubernetes quantity (`1Gi`, `1.5G`, `1e9`, `500m`): exact, and rounded up to a whole byte.
 *
 * @throws CephflexError EBADVOLUME if the text is not a quantity, not positive, or over 2^63-1.
 * @see k8s.io/apimachinery/pkg/api/resource/quantity.go
 */
export function parseQuantity(text: string): bigint {
  const [, number, exponent, suffix = ''] = (text.length <= MAX_LENGTH && QUANTITY.exec(text)) || []
  if (number === undefined)
    throw new CephflexError('EBADVOLUME', `the size ${printable(text)} is not a quantity such as 1Gi or 500M`)
  const [whole = '', fraction = ''] = number.split('.')
  const [numerator, denominator] = scaleOf(exponent, suffix)
  const bytes = ceilProduct(
    BigInt(`${whole}${fraction}`),
    numerator,
    denominator * 10n ** BigInt(fraction.length),
  )
  if (bytes <= 0n)
    throw new CephflexError('EBADVOLUME', `the size ${printable(text)} is not greater than zero`)
  if (bytes > MAX_BYTES)
    throw new CephflexError('EBADVOLUME', `the size ${printable(text)} is greater than 2^63-1 bytes`)
  return bytes
}

/**
 * The quota for a requested size: the next multiple of 4 MiB, since `df` shows whole blocks of 4 MiB.
 *
 * @throws CephflexError EBADVOLUME if that is over 2^63-1.
 */
export function quotaFor(sizeBytes: bigint): bigint {
  const quota = ((sizeBytes + BLOCK_BYTES - 1n) / BLOCK_BYTES) * BLOCK_BYTES
  if (quota <= MAX_BYTES) return quota
  throw new CephflexError(
    'EBADVOLUME',
    `the size ${sizeBytes}, rounded up to 4 MiB, is greater than 2^63-1 bytes`,
  )
}

/** Whether a volume with this quota is what was requested. Older versions did not round up. */
export function isQuotaFor(quotaBytes: bigint, sizeBytes: bigint): boolean {
  return quotaBytes === sizeBytes || quotaBytes === quotaFor(sizeBytes)
}

/** Bytes as a quantity, in the largest binary unit that is exact. */
export function formatQuantity(bytes: bigint): string {
  let power = 0
  let value = bytes
  while (value > 0n && power < BINARY.length - 1 && value % 1024n === 0n) {
    value /= 1024n
    power += 1
  }
  return `${value}${BINARY[power]}`
}

function scaleOf(exponent: string | undefined, suffix: string): [bigint, bigint] {
  if (exponent !== undefined) return powerOfTen(Number(exponent))
  const power = BINARY.indexOf(suffix)
  return power >= 0 ? [1024n ** BigInt(power), 1n] : powerOfTen((DECIMAL.indexOf(suffix) - 3) * 3)
}

function powerOfTen(exponent: number): [bigint, bigint] {
  return exponent >= 0 ? [10n ** BigInt(exponent), 1n] : [1n, 10n ** BigInt(-exponent)]
}

/** `digits` times a fraction, rounded up. */
function ceilProduct(digits: bigint, numerator: bigint, denominator: bigint): bigint {
  return (digits * numerator + denominator - 1n) / denominator
}
