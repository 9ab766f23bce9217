import type { Monitor } from '../../core/ceph/monitors.js'
import type { Deadline } from '../../core/deadline.js'
import type { Mounter } from '../../core/mounters/mounter.js'
import type { Secret } from '../../core/secret.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'
import { type Keyring, prepareKeyring } from '../target/keyring.js'
import { findProtocols } from '../volume/ask-monitors.js'
import { readKey } from '../volume/read-key.js'
import { resolveMonitors } from '../volume/resolve-monitors.js'

/**
 * What a call needs to get at its volume. Each is found out when a client first needs it, and only once: if another
 * client follows, it gets the same.
 */
export type Access = {
  /** @throws CephflexError ENORUNDIR */
  keyring: () => Keyring
  /** @throws CephflexError EBADKEY */
  key: () => Secret
  /**
   * The addresses of the monitors, with the protocols that this client must know.
   *
   * @throws CephflexError ENOHOST
   */
  monitors: (mounter: Mounter, limit: Deadline) => Promise<readonly Monitor[]>
}

/** The access of one call. @param target the directory that it mounts on. */
export function accessTo(system: System, target: string, volume: VolumeOptions): Access {
  return {
    keyring: once(() => prepareKeyring(system, target)),
    key: once(() => readKey(system, volume)),
    monitors: monitorsOf(system, volume),
  }
}

function monitorsOf(system: System, volume: VolumeOptions): Access['monitors'] {
  let known: readonly Monitor[] | undefined
  let hostsAsked = false
  return async (mounter, limit) => {
    const isFirst = known === undefined
    const addresses = known ?? (await resolveMonitors(system, volume.monitors, limit))
    const asks = { ports: isFirst, hosts: mounter.needsProtocols(volume) && !hostsAsked }
    hostsAsked ||= asks.hosts
    known = await findProtocols(system, addresses, limit, asks)
    return known
  }
}

function once<T>(work: () => T): () => T {
  let done: { result: T } | undefined
  return () => {
    done ??= { result: work() }
    return done.result
  }
}
