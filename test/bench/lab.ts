import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterEnv } from '../../src/core/dev-cluster/env.js'
import { keyFrom } from '../../src/core/dev-cluster/keys.js'
import { mountedOn, parseMountInfo } from '../../src/core/target/mount-table.js'
import { startDevCluster } from '../../src/ops/dev-cluster/start.js'
import { stopDevCluster } from '../../src/ops/dev-cluster/stop.js'
import { findProcesses, waitUntilGone } from '../../src/system/find-processes.js'
import { runProgram } from '../../src/system/programs.js'
import { STANDARD_PATH } from '../../src/system/run.js'

/** A cluster and a node of its own; `close` removes everything. */
export type Lab = {
  /** The environment of every command. Ceph's own files are kept below the lab. */
  env: Record<string, string>
  monitors: string
  keyring: string
  /** The kubelet's JSON for a volume with the Secret of the admin. */
  options: string
  /** The same with a client for each pod. */
  ownOptions: string
  /** The pids of the clients of this lab. */
  clients: () => number[]
  /** A file for the output of the run of this name. */
  scratch: (name: string) => string
  /** A new empty directory to mount on. */
  target: () => string
  /** @throws Error unless exactly one CephFS is mounted there. */
  assertMounted: (target: string) => void
  /** Waits until nothing is mounted there and its client has ended, unless that serves others. @throws Error on timeout. */
  assertGone: (target: string) => Promise<void>
  close: () => Promise<void>
}

const CLIENT_GONE_MS = 10_000

/** Starts it, in about a second. Needs root and the Ceph packages. */
export async function openLab(): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'cephflex-bench-'))
  const memory = mkdtempSync('/dev/shm/cephflex-bench-')
  const ceph = join(folder, 'ceph')
  const close = async () => {
    for (const { mountPoint } of parseMountInfo(mountInfo()))
      if (mountPoint.startsWith(`${folder}/`))
        await runProgram('umount', ['-c', '-l', mountPoint], { timeoutMs: CLIENT_GONE_MS })
    await stopDevCluster(ceph)
    for (const each of [folder, memory]) rmSync(each, { recursive: true, force: true })
  }
  try {
    const cluster = clusterEnv(await startDevCluster(ceph))
    const keyring = cluster.CEPHFLEX_ADMIN_KEYRING
    const key = keyFrom(readFileSync(keyring, 'utf8'))?.reveal() ?? ''
    let targets = 0
    const options = {
      'kubernetes.io/fsType': '',
      'kubernetes.io/pod.name': 'web-0',
      'kubernetes.io/pod.namespace': 'default',
      'kubernetes.io/pod.uid': '2a7b4f0e-51f9-4c1d-9a55-0f3a8ce3f9d1',
      'kubernetes.io/pvOrVolumeName': 'data',
      'kubernetes.io/readwrite': 'rw',
      'kubernetes.io/serviceAccount.name': 'default',
      'kubernetes.io/secret/key': Buffer.from(key).toString('base64'),
      monitors: cluster.CEPHFLEX_MONITORS,
      path: '/',
      user: 'admin',
    }
    return {
      env: {
        PATH: STANDARD_PATH,
        CEPHFLEX_CONFIG: writeNode(folder, memory),
        SHELL_DRIVER_RUN: join(memory, 'shell'),
        // the last of them: see src/core/mounters/fuse.ts; without it an unmount soon after may find the mount busy
        CEPH_ARGS: `--admin-socket=${folder}/$pid.$cctid.asok --log-file=${folder}/client.log --client-try-dentry-invalidate=true`,
      },
      monitors: cluster.CEPHFLEX_MONITORS,
      keyring,
      options: JSON.stringify(options),
      ownOptions: JSON.stringify({ ...options, clientSharing: 'pod' }),
      clients: () =>
        findProcesses(
          ([program = '', ...args]) =>
            program.endsWith('ceph-fuse') && args.some(arg => arg.includes(folder) || arg.includes(memory)),
        ).map(({ pid }) => pid),
      scratch: name => join(folder, `output-${name}`),
      target: () => {
        targets += 1
        const target = join(folder, 'pods', String(targets), 'volumes/cephflex~cephfs/data')
        mkdirSync(target, { recursive: true })
        return target
      },
      assertMounted,
      assertGone,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A node in the state after install.sh: a configuration file, and the run directory in memory. */
function writeNode(folder: string, memory: string): string {
  const config = join(folder, 'config.json')
  const directories = { runDirectory: join(memory, 'run'), logDirectory: join(folder, 'log') }
  writeFileSync(config, JSON.stringify({ ...directories, clusters: {}, secretDirectories: [] }))
  mkdirSync(join(memory, 'shell'), { mode: 0o700 })
  return config
}

function assertMounted(target: string): void {
  const entries = mountedOn(mountInfo(), target)
  if (entries.length !== 1 || entries[0]?.fsType !== 'fuse.ceph-fuse')
    throw new Error(`${target} holds ${entries.length} mounts, not one of ceph-fuse`)
}

async function assertGone(target: string): Promise<void> {
  if (mountedOn(mountInfo(), target).length > 0) throw new Error(`${target} is still mounted`)
  const clients = findProcesses(argv => argv[0]?.endsWith('ceph-fuse') === true && argv.includes(target))
  if ((await waitUntilGone(clients, CLIENT_GONE_MS)).length > 0)
    throw new Error(`ceph-fuse of ${target} does not end`)
}

function mountInfo() {
  return readFileSync('/proc/self/mountinfo', 'utf8')
}
