import { portsOf } from '../../core/ceph/ports.js'
import type { ClusterProbe, MonitorFact, ProofFact } from '../../core/doctor/cluster.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import type { Monitor } from '../../core/volume/monitors.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import { readBanner } from '../../system/ceph/banner.js'
import type { System } from '../../system/system.js'
import { mountVolume } from '../mount/mount.js'
import { unmountVolume } from '../mount/unmount.js'
import { privateDirectory } from '../target/private-directory.js'
import { quotaOf, statfs } from '../target/statfs.js'
import { resolveMonitors } from '../volume/resolve-monitors.js'

const BANNER_MS = 2_000
/** Of the ten seconds of a doctor; a mount may take two more for undoing. */
const PROOF_S = 5
const LOOK_MS = 1_000
const UNMOUNT_S = 3

/** What a cluster answers to the owner of this volume. */
export async function volumeFacts(system: System, volume: VolumeOptions): Promise<ClusterProbe> {
  const [facts, proof] = await Promise.all([monitorFacts(system, volume.monitors), prove(system, volume)])
  return { ...facts, user: volume.user, path: volume.path, keyMadeS: madeAt(volume), proof }
}

/** The same without a key: only what the monitors show to everybody. */
export async function monitorFacts(system: System, monitors: readonly Monitor[]): Promise<ClusterProbe> {
  const { unresolved, resolved } = await resolveEach(system, monitors)
  const found = await Promise.all(resolved.map(look))
  return {
    unresolved,
    monitors: found.flat(),
    user: '',
    path: '',
    keyMadeS: undefined,
    nowMs: Date.now(),
    proof: undefined,
  }
}

/** Mounts the volume where no pod sees it, by the same code as the kubelet's call, looks, and unmounts it. */
async function prove(system: System, volume: VolumeOptions): Promise<ProofFact> {
  const start = performance.now()
  const place = privateDirectory(system, 'doctor')
  const fact = { client: undefined, quotaBytes: undefined, sizeBytes: undefined }
  const took = () => Math.round(performance.now() - start)
  try {
    const request = { target: place.target, makeTarget: false, volume: { ...volume, timeoutS: PROOF_S } }
    const { client } = await mountVolume(request, system)
    const ms = took()
    const [usage, quotaBytes] = await Promise.all([
      statfs(system, place.target, LOOK_MS),
      quotaOf(system, place.target, LOOK_MS),
    ])
    return { code: undefined, message: '', client, quotaBytes, sizeBytes: usage?.sizeBytes, ms }
  } catch (error) {
    const { code, message } = toCephflexError(error)
    return { ...fact, code, message, ms: took() }
  } finally {
    const cleanup = { ...system.forUndo(), config: { ...system.config, timeoutSeconds: UNMOUNT_S } }
    await unmountVolume(place.target, cleanup).catch((error: unknown) =>
      system.log('undo failed', { message: toCephflexError(error).message }),
    )
    place.remove()
  }
}

/** Bytes 2 to 5 of a cephx key: when it was made (Ceph's CryptoKey). */
function madeAt({ credential }: VolumeOptions): number | undefined {
  return credential.from === 'secret'
    ? Buffer.from(credential.key.reveal(), 'base64').readUInt32LE(2)
    : undefined
}

async function resolveEach(system: System, monitors: readonly Monitor[]) {
  const unresolved: string[] = []
  const resolved = await Promise.all(
    monitors.map(async monitor => {
      try {
        return await resolveMonitors(system, [monitor])
      } catch (error) {
        if (!(error instanceof CephflexError) || error.code !== 'ENOHOST') throw error
        unresolved.push(monitor.host)
        return []
      }
    }),
  )
  return { unresolved, resolved: resolved.flat() }
}

async function look(monitor: Monitor): Promise<MonitorFact[]> {
  const { host, protocol } = monitor
  const ports = portsOf(monitor)
  return Promise.all(
    ports.map(async each => {
      const { problem, banner, ms } = await readBanner(host, each, BANNER_MS)
      return { host, port: each, protocol, isGuess: ports.length > 1, problem, banner, ms }
    }),
  )
}
