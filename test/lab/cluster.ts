import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import type { Test } from 'tap'
import { clusterEnv } from '../../src/core/dev-cluster/env.js'
import { keyFrom } from '../../src/core/dev-cluster/keys.js'
import type { ClusterSpec, DaemonName } from '../../src/core/dev-cluster/spec.js'
import { controlDaemon, type DaemonAction } from '../../src/ops/dev-cluster/control.js'
import { type StartOptions, startDevCluster } from '../../src/ops/dev-cluster/start.js'
import { stopDevCluster } from '../../src/ops/dev-cluster/stop.js'
import { openRadosSession, type RadosSession } from '../../src/system/ceph/rados-session.js'
import { files } from '../../src/system/files.js'
import { atEnd } from './at-end.js'
import { type CephFsJob, inCephFs } from './cephfs.js'

type InFs = Pick<CephFsJob, 'fsName' | 'mode' | 'quotaBytes'>

export type TestCluster = {
  dir: string
  conf: string
  /** `v1:ADDRESS:PORT` */
  monitors: string
  monitorsV2: string
  /** `[v2:…,v1:…]` */
  monitorsBoth: string
  adminKey: string
  adminKeyring: string
  fsid: string
  /** Sends a monitor command as the admin. @returns its output, parsed. */
  command: (command: object) => Promise<unknown>
  /** The admin's session itself: for input, the manager, and refusals as values. */
  session: () => RadosSession
  /** Creates `client.NAME`. @returns its key. */
  addUser: (name: string, caps: Partial<Record<'mds' | 'mon' | 'osd' | 'mgr', string>>) => Promise<string>
  /** Creates a directory, with its parents, in the default file system or in `fsName`. */
  mkdir: (path: string, options?: InFs) => Promise<void>
  /** Writes a file whose directory exists. */
  writeFile: (path: string, text: string, options?: Pick<InFs, 'fsName'>) => Promise<void>
  ctl: (daemon: DaemonName, action: DaemonAction) => Promise<void>
}

const COMMAND_LIMIT_MS = 20_000

/** In memory: on a disk to which packages are being written, a commit of the monitor takes seconds, and mounts time out. */
export const IN_MEMORY = '/dev/shm/cephflex-cluster-'

/**
 * Starts a real cluster that ends with the test. About 0.5 s.
 *
 * Throws without root or the Ceph packages: a skipped test would look like a passed one.
 */
export async function startCluster(t: Test, options: StartOptions = {}): Promise<TestCluster> {
  if (process.getuid?.() !== 0) throw new Error('tests with a real cluster need root')
  const dir = files.isInMemory('/dev/shm') ? `${IN_MEMORY}${randomBytes(4).toString('hex')}` : newClusterDir()
  atEnd(t, () => stopDevCluster(dir))
  return useCluster(t, await startDevCluster(dir, options))
}

/** A directory name for a cluster: short, since sockets are created below it. It does not exist. */
export function newClusterDir(): string {
  return `${tmpdir()}/cephflex-${randomBytes(4).toString('hex')}`
}

/** A cluster that the caller has started, and stops. */
export function useCluster(t: Test, spec: ClusterSpec): TestCluster {
  const { dir } = spec
  let session: RadosSession | undefined
  t.teardown(() => session?.close())
  const env = clusterEnv(spec)
  const conf = env.CEPH_CONF
  const open = (): RadosSession => {
    session ??= openRadosSession({ conf, user: 'client.admin', timeoutMs: COMMAND_LIMIT_MS })
    return session
  }
  const command = (request: object) => open().command('mon', request)
  return {
    dir,
    conf,
    monitors: env.CEPHFLEX_MONITORS,
    monitorsV2: env.CEPHFLEX_MONITORS_V2,
    monitorsBoth: env.CEPHFLEX_MONITORS_BOTH,
    adminKey: keyFrom(files.read(env.CEPHFLEX_ADMIN_KEYRING) ?? '')?.reveal() ?? '',
    adminKeyring: env.CEPHFLEX_ADMIN_KEYRING,
    fsid: env.CEPHFLEX_FSID,
    command,
    session: open,
    addUser: async (name, caps) => {
      const list = Object.entries(caps).flat()
      return firstKey(await command({ prefix: 'auth get-or-create', entity: `client.${name}`, caps: list }))
    },
    mkdir: (path, inFs = {}) => inCephFs({ conf, path, ...inFs }),
    writeFile: (path, text, inFs = {}) => inCephFs({ conf, path, text, ...inFs }),
    ctl: (daemon, action) => controlDaemon(dir, daemon, action),
  }
}

function firstKey(answer: unknown): string {
  const key = Array.isArray(answer) ? (answer[0] as { key?: unknown }).key : undefined
  if (typeof key !== 'string') throw new Error('the cluster gave no key')
  return key
}
