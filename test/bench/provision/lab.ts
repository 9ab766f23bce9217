import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMonitors } from '../../../src/core/ceph/monitors.js'
import { DEFAULT_NODE_CONFIG } from '../../../src/core/config/node-config.js'
import { clusterEnv } from '../../../src/core/dev-cluster/env.js'
import { keyFrom } from '../../../src/core/dev-cluster/keys.js'
import type { Backend } from '../../../src/core/provision/names.js'
import { Secret } from '../../../src/core/secret.js'
import { startDevCluster } from '../../../src/ops/dev-cluster/start.js'
import { stopDevCluster } from '../../../src/ops/dev-cluster/stop.js'
import { openProvisioner, type Provisioner } from '../../../src/ops/provision/provisioner.js'
import { runProgram } from '../../../src/system/programs.js'
import { STANDARD_PATH } from '../../../src/system/run.js'
import { realSystem } from '../../../src/system/system.js'
import { timed } from '../stopwatch.js'

/** A cluster with a manager, for volumes; `close` removes everything. */
export type ProvisionLab = {
  /** For what the scripts print. */
  folder: string
  monitors: string
  /** Of the admin. */
  key: Secret
  /** The environment of a script: the cluster's configuration, with the key of the admin. */
  env: { PATH: string; CEPH_CONF: string }
  /** The root of the file system, mounted with the rights of the admin. */
  mounted: string
  /** Closed with the lab. */
  open: (backend: Backend, claimRoot: string) => Promise<Provisioner>
  close: () => Promise<void>
}

const MOUNT_MS = 20_000

/** Starts it, in about two seconds. Needs root and the Ceph packages. */
export async function openProvisionLab(): Promise<ProvisionLab> {
  const folder = mkdtempSync(join(tmpdir(), 'cephflex-bench-p-'))
  const ceph = join(folder, 'ceph')
  const mounted = join(folder, 'mounted')
  const sessions: Provisioner[] = []
  const close = async () => {
    await Promise.all(sessions.map(session => session.close()))
    await runProgram('umount', ['-l', mounted], { timeoutMs: MOUNT_MS })
    await stopDevCluster(ceph)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const cluster = clusterEnv(await startDevCluster(ceph, { mgr: true }))
    const key = keyFrom(readFileSync(cluster.CEPHFLEX_ADMIN_KEYRING, 'utf8')) ?? new Secret('')
    const { monitors } = parseMonitors(cluster.CEPHFLEX_MONITORS_BOTH)
    mkdirSync(mounted)
    const env = { PATH: STANDARD_PATH, CEPH_CONF: cluster.CEPH_CONF }
    await timed({ argv: ['ceph-fuse', '--id', 'admin', mounted], env }, join(folder, 'mount'))
    mkdirSync(join(mounted, 'volumes/scripts'), { recursive: true })
    const system = realSystem({ ...DEFAULT_NODE_CONFIG, runDirectory: join(folder, 'run') }, {})
    return {
      folder,
      monitors: cluster.CEPHFLEX_MONITORS,
      key,
      env,
      mounted,
      open: async (backend, claimRoot) => {
        const session = await openProvisioner(system, { monitors, user: 'admin', key, claimRoot, backend })
        sessions.push(session)
        return session
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Starts it, and closes it after the work. */
export async function inLab<T>(work: (lab: ProvisionLab) => Promise<T>): Promise<T> {
  const lab = await openProvisionLab()
  try {
    return await work(lab)
  } finally {
    await lab.close()
  }
}
