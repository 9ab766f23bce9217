import { MONITOR_PORT } from '../ceph/ports.js'
import { bracketed } from '../text/host.js'
import type { ClusterSpec } from './spec.js'

/** Two for the monitor, the rest for OSD, MDS and manager, which use several each. */
export const PORT_COUNT = 40

/** Below the ports that Linux uses for outgoing connections (from 32768). */
const LOWEST = 10_000
const HIGHEST = 32_000

/** The first port of a random block of {@link PORT_COUNT} ports. @param random two bytes. */
export function portBaseFrom(random: Uint8Array): number {
  return LOWEST + ((((random[0] ?? 0) << 8) | (random[1] ?? 0)) % (HIGHEST - LOWEST))
}

/** The ports that must be free before the daemons start. */
export function portsFrom(base: number): number[] {
  return Array.from({ length: PORT_COUNT }, (_, index) => base + index)
}

/**
 * The ports of the monitor: the standard ones on an address of its own, so that clients do not need a port; else the
 * first two of the block.
 */
export function monitorPorts(address: string, base: number): Pick<ClusterSpec, 'v1Port' | 'v2Port'> {
  return address === '127.0.0.1' || address === '::1'
    ? { v2Port: base, v1Port: base + 1 }
    : { v2Port: MONITOR_PORT.v2, v1Port: MONITOR_PORT.v1 }
}

/**
 * The monitor's address in the forms that `-m` accepts. Always with the protocol: on a non-standard port a client cannot
 * guess it, and tries forever.
 */
export function monitorAddresses({
  address,
  v1Port,
  v2Port,
}: Pick<ClusterSpec, 'address' | 'v1Port' | 'v2Port'>) {
  const host = bracketed(address)
  const v1 = `v1:${host}:${v1Port}`
  const v2 = `v2:${host}:${v2Port}`
  return { host, v1, v2, both: `[${v2},${v1}]` }
}
