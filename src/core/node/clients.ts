import type { OurMount } from './inventory.js'

/** A running ceph-fuse of this driver, as its arguments show it. */
export type RunningClient = {
  pid: number
  /** The directory that it was started for; a recovery starts it for a private one. */
  target: string
  /** The part of its file names that stands for the target of its pod. */
  hash: string
}

/** Reads the arguments of a ceph-fuse; undefined unless this driver has started it with this run directory. */
export function clientOf(
  pid: number,
  argv: readonly string[],
  runDirectory: string,
): RunningClient | undefined {
  const prefix = `--admin-socket=${runDirectory}/clients/`
  const hash = argv
    .find(arg => arg.startsWith(prefix))
    ?.slice(prefix.length)
    .split('.')[0]
  const target = argv[argv.lastIndexOf('-r') - 1]
  return hash === undefined || target === undefined ? undefined : { pid, target, hash }
}

/**
 * The clients whose mount is gone. A newer client may have the target by now: its state names it.
 *
 * @param hashOf the hash of a target.
 */
export function lingeringClients<C extends RunningClient>(
  clients: readonly C[],
  mounts: readonly OurMount[],
  hashOf: (target: string) => string,
): C[] {
  const mounted = new Map(mounts.filter(({ entry }) => entry).map(mount => [hashOf(mount.target), mount]))
  return clients.filter(({ pid, hash }) => {
    const mount = mounted.get(hash)
    return mount === undefined || (mount.state?.process !== undefined && mount.state.process.pid !== pid)
  })
}
