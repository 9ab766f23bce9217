/**
 * A UUID of version 8 (RFC 9562: for vendor-specific use), always the same for the same hash.
 *
 * @param hex a hash in hexadecimal, of at least 128 bits.
 */
export function uuidOfHash(hex: string): string {
  const variant = '89ab'[Number.parseInt(hex.slice(16, 17), 16) % 4]
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
