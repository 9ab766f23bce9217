const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i
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

/** A host name according to RFC 1123. */
export function isHostName(host: string): boolean {
  const labels = host.split('.')
  // A name that ends in a number is a mistyped IPv4 address: no top level domain is a number.
  return host.length <= 253 && labels.every(label => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
}

/** A host before `:PORT`: IPv6 in brackets, anything else as it is. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
