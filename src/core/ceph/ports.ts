/**
 * The port of a monitor for each protocol, unless the cluster sets another.
 *
 * @see https://docs.ceph.com/en/latest/rados/configuration/msgr2/
 */
export const MONITOR_PORT = { v1: 6789, v2: 3300 } as const

/** The ports that a client tries at a monitor's address: the given one, or else the default ones of its protocol. */
export function portsOf({
  protocol,
  port,
}: {
  protocol?: 'v1' | 'v2' | undefined
  port?: number | undefined
}): readonly number[] {
  if (port !== undefined) return [port]
  return protocol === undefined ? [MONITOR_PORT.v2, MONITOR_PORT.v1] : [MONITOR_PORT[protocol]]
}
