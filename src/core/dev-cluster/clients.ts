import { basename } from 'node:path/posix'
import { MONITOR_PORT } from '../ceph/ports.js'
import type { ClusterSpec } from './spec.js'

/**
 * Whether a process is a ceph-fuse of this cluster: its arguments or its CEPH_CONF contain the address of a monitor, or
 * a path below the directory of the cluster.
 *
 * On the standard ports the address without a port is enough: no other cluster uses it.
 *
 * @param environ the `NAME=value` lines of its environment.
 */
export function isClientOf(
  { dir, address, v1Port, v2Port }: Pick<ClusterSpec, 'dir' | 'address' | 'v1Port' | 'v2Port'>,
  argv: readonly string[],
  environ: readonly string[],
): boolean {
  if (basename(argv[0] ?? '') !== 'ceph-fuse') return false
  const optional = v1Port === MONITOR_PORT.v1 ? '?' : ''
  const monitor = `(^|[^0-9.])${literally(address)}\\]?(:(${v1Port}|${v2Port}))${optional}([\\]/,;]|$)`
  const ours = new RegExp(`${monitor}|(^|=|,)${literally(dir)}/`)
  const conf = environ.filter(entry => entry.startsWith('CEPH_CONF='))
  return [...argv.slice(1), ...conf].some(text => ours.test(text))
}

function literally(text: string) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
