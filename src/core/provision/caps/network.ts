/**
 * Whether an address is in a network, as Ceph checks `network` in caps: without a prefix length, it contains nothing.
 *
 * @see ipaddr.cc
 */
export function isInNetwork(address: string, network: string): boolean {
  const [base = '', length = '', more] = network.split('/')
  if (more !== undefined || !/^\d+$/.test(length)) return false
  const [wanted, actual] = [bitsOf(base), bitsOf(address)]
  if (wanted === undefined || wanted.length !== actual?.length) return false
  const count = Number(length)
  return wanted.slice(0, count) === actual.slice(0, count)
}

/** Whether a network contains any address at all. */
export function isNetwork(network: string): boolean {
  return isInNetwork(network.split('/')[0] ?? '', network)
}

/** An IPv4 or IPv6 address as a text of 32 or 128 binary digits. */
function bitsOf(address: string): string | undefined {
  const four = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(address) ? address.split('.').map(Number) : undefined
  if (four) return four.every(byte => byte < 256) ? binary(four, 8) : undefined
  const [head = '', tail, more] = address.split('::')
  if (more !== undefined) return undefined
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')]
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after]
  if (!groups.every(group => /^[\da-f]{1,4}$/i.test(group))) return undefined
  return binary(
    groups.map(group => Number.parseInt(group, 16)),
    16,
  )
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}

function binary(numbers: readonly number[], width: number): string {
  return numbers.map(number => number.toString(2).padStart(width, '0')).join('')
}
