import { CephflexError } from '../errors.js'
import { printable } from '../text/printable.js'

const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const QUANTITY = /^\+?(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,3})|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?$/

/** Kubernetes holds a quantity in 64 bits with a sign. */
const MOST = 2n ** 63n - 1n
/** More digits than any size that fits. */
const LONGEST = 64

/**
 * Reads a size as Kubernetes writes it (`1Gi`, `1.5G`, `1e9`, `500m`) in
 * bytes, rounded up to a whole one, exactly.
 *
 * @throws CephflexError EBADVOLUME if it is none, not positive, or over 2^63-1.
 * @see k8s.io/apimachinery/pkg/api/resource/quantity.go
 */
export function parseQuantity(text: string): bigint {
  const [, number, exponent, suffix = ''] = (text.length <= LONGEST && QUANTITY.exec(text)) || []
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
  if (bytes > MOST)
    throw new CephflexError('EBADVOLUME', `the size ${printable(text)} is greater than 2^63-1 bytes`)
  return bytes
}

/** Bytes as a quantity: the largest binary unit that says it exactly. */
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

/** `digits` times a fraction, as a whole number that is not smaller. */
function ceilProduct(digits: bigint, numerator: bigint, denominator: bigint): bigint {
  return (digits * numerator + denominator - 1n) / denominator
}
