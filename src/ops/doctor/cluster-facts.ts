import { protocolAt } from '../../core/ceph/monitor-answer.js'
import type { Monitor } from '../../core/ceph/monitors.js'
import { portsOf } from '../../core/ceph/ports.js'
import type { ClusterProbe, MonitorFact, ProofFact } from '../../core/doctor/cluster.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import { readBanner } from '../../system/ceph/banner.js'
import type { System } from '../../system/system.js'
import { mountVolume } from '../mount/mount.js'
import { unmountVolume } from '../mount/unmount.js'
import { privateDirectory } from '../target/private-directory.js'
import { quotaOf, statfs } from '../target/statfs.js'
import { resolveMonitors } from '../volume/resolve-monitors.js'

const BANNER_MS = 2_000
/** Of the doctor's ten seconds. The mount may take two more for undoing. */
const PROOF_S = 5
const PROBE_MS = 1_000
const UNMOUNT_S = 3

/** What a cluster shows to the user of this volume, including a trial mount. */
export async function volumeFacts(system: System, volume: VolumeOptions): Promise<ClusterProbe> {
  const [facts, proof] = await Promise.all([monitorFacts(system, volume.monitors), tryMount(system, volume)])
  return { ...facts, user: volume.user, path: volume.path, keyMadeS: madeAt(volume), proof }
}

/** The same without a key: only what the monitors show to any client. */
export async function monitorFacts(system: System, monitors: readonly Monitor[]): Promise<ClusterProbe> {
  const { unresolved, resolved } = await resolveEach(system, monitors)
  const facts = await Promise.all(resolved.map(bannersOf))
  return {
    unresolved,
    monitors: facts.flat(),
    user: '',
    path: '',
    keyMadeS: undefined,
    nowMs: Date.now(),
    proof: undefined,
  }
}

/** Mounts the volume where no pod sees it, with the code of a kubelet call, reads size and quota, and unmounts it. */
async function tryMount(system: System, volume: VolumeOptions): Promise<ProofFact> {
  const start = performance.now()
  const directory = privateDirectory(system, 'doctor')
  const fact = { client: undefined, quotaBytes: undefined, sizeBytes: undefined }
  const took = () => Math.round(performance.now() - start)
  try {
    // a client that serves pods would prove nothing about a new one
    const own = { ...volume, clientSharing: 'pod' as const, timeoutS: PROOF_S }
    const request = { target: directory.target, makeTarget: false, volume: own }
    const { client } = await mountVolume(request, system)
    const ms = took()
    const [usage, quotaBytes] = await Promise.all([
      statfs(system, directory.target, PROBE_MS),
      quotaOf(system, directory.target, PROBE_MS),
    ])
    return {
      code: undefined,
      message: '',
      client,
      quotaBytes,
      sizeBytes: usage === 'hung' ? undefined : usage?.sizeBytes,
      ms,
    }
  } catch (error) {
    const { code, message } = toCephflexError(error)
    return { ...fact, code, message, ms: took() }
  } finally {
    const cleanup = { ...system.forUndo(), config: { ...system.config, timeoutSeconds: UNMOUNT_S } }
    await unmountVolume(directory.target, cleanup).catch((error: unknown) =>
      system.log('undo failed', { message: toCephflexError(error).message }),
    )
    directory.remove()
  }
}

/** When a cephx key was created, in seconds: its bytes 2 to 5 (Ceph's CryptoKey). */
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

async function bannersOf(monitor: Monitor): Promise<MonitorFact[]> {
  const { host } = monitor
  const ports = portsOf(monitor)
  return Promise.all(
    ports.map(async each => {
      const { problem, banner, ms } = await readBanner(host, each, BANNER_MS)
      return {
        host,
        port: each,
        protocol: protocolAt(monitor, each),
        isGuess: ports.length > 1,
        problem,
        banner,
        ms,
      }
    }),
  )
}
