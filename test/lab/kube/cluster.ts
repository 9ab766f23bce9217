import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Kubectl, makeKubectl } from './api.js'
import { holdMachine } from './machine.js'

/** The scripts that make, start and stop it. */
export const KUBE_SCRIPTS = join(import.meta.dirname, '../../../../test/lab/kube')

/** Also for a kubelet that is restarted. */
export const KUBE_START_MS = 300_000

export type KubeOptions = {
  /** The directory of the cluster, from `newKubeDir`. It does not exist before and after. */
  dir?: string
  /** For pods without a nodeName, and WaitForFirstConsumer. */
  scheduler?: boolean
  /** Added to the kubelet's environment, which is the driver's. Values without white space. */
  env?: Readonly<Record<string, string>>
  /** Of the driver: the clients that pods share are mounted below it. */
  runDirectory?: string
}

export type KubeCluster = Kubectl & {
  dir: string
  /** The folder with its programs. */
  home: string
  /** Of its admin. */
  kubeconfig: string
  /** Stops it and undoes its changes to the machine. @throws Error if something is left. */
  close: () => Promise<void>
}

/**
 * Starts a real one-node Kubernetes 1.20 (kubelet, API server, controller manager, containerd). It ends at the latest
 * with this process. About 10 s; building the first one on a machine takes some minutes. One at a time on a machine:
 * others wait.
 */
export async function startKubeCluster(options: KubeOptions = {}): Promise<KubeCluster> {
  const { dir = newKubeDir(), scheduler = false, env = {} } = options
  const build = [`${KUBE_SCRIPTS}/build.sh`, ...(scheduler ? ['kube-scheduler'] : [])]
  const { stdout: home } = await execa('bash', build, { stdin: 'ignore', stderr: 'inherit' })
  const close = await holdMachine(KUBE_SCRIPTS, dir)
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  try {
    await execa('bash', [`${KUBE_SCRIPTS}/cluster.sh`, 'start', dir, home], {
      stdin: 'ignore',
      timeout: KUBE_START_MS,
      env: { KUBELET_ENV: words.join(' '), ...(scheduler && { SCHEDULER: '1' }) },
    })
  } catch (error) {
    await close()
    throw error
  }
  return { dir, home, kubeconfig: `${dir}/run/admin.kubeconfig`, ...makeKubectl(home, dir), close }
}

/** Short, since sockets are created below it. */
export function newKubeDir(): string {
  return `/tmp/cephflex-kube-${randomBytes(4).toString('hex')}`
}
