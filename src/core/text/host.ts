const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i
const NUMBER = /^(?:\d+|0x[0-9a-f]*)$/i
const MAPPED = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/
const BYTE = /^(?:0|[1-9]\d{0,2})$/

/** Four numbers without leading zeros: some programs read those as octal. */
export function isIPv4(host: string): boolean {
  const bytes = host.split('.')
  return bytes.length === 4 && bytes.every(byte => BYTE.test(byte) && Number(byte) <= 255)
}

/** IPv6 without brackets and zone. */
export function isIPv6(host: string): boolean {
  return /^[0-9a-f:.]+$/i.test(host) && host.includes(':') && URL.canParse(`http://[${host}]/`)
}

/**
 * A host name as DNS has it: letters, digits, "-" and "_", perhaps with a dot at its end. One of numbers only is a
 * mistyped IPv4 address, which a resolver would complete to some other address.
 */
export function isHostName(host: string): boolean {
  const labels = host.replace(/\.$/, '').split('.')
  return (
    host.length <= 254 &&
    labels.every(label => LABEL.test(label)) &&
    !labels.every(label => NUMBER.test(label))
  )
}

/** The IPv4 address that an IPv6 address stands for, such as `::ffff:10.0.0.1`; any other host as it is. */
export function unmapped(host: string): string {
  if (!isIPv6(host)) return host
  const [, high, low] = MAPPED.exec(new URL(`http://[${host}]/`).hostname) ?? []
  if (high === undefined || low === undefined) return host
  const bits = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map(shift => (bits >>> shift) & 0xff).join('.')
}

/** Whether no host can have this IP address: the unspecified one, broadcast and multicast. */
export function isNoHost(address: string): boolean {
  return isIPv4(address)
    ? /^(?:0\.0\.0\.0|2(?:2[4-9]|3\d)\..*|255\.255\.255\.255)$/.test(address)
    : /^(?:ff[0-9a-f]{2}:.*|[0:]+)$/i.test(address)
}

/** A host before `:PORT`: IPv6 in brackets, anything else as it is. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
