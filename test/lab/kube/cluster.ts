import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Kubectl, makeKubectl } from './api.js'
import { holdMachine } from './machine.js'

/** The scripts that make, start and stop it. */
export const KUBE_SCRIPTS = join(import.meta.dirname, '../../../../test/lab/kube')

/** Also for a kubelet that is started anew. */
export const KUBE_START_MS = 300_000

export type KubeOptions = {
  /** Where the cluster lives; from `newKubeDir`. It does not exist, and does not afterwards. */
  dir?: string
  /** For pods without a nodeName, and WaitForFirstConsumer. */
  scheduler?: boolean
  /** Added to the kubelet's environment, which is the driver's. Values without white space. */
  env?: Readonly<Record<string, string>>
}

export type KubeCluster = Kubectl & {
  dir: string
  /** The folder with its programs. */
  home: string
  /** Of its admin. */
  kubeconfig: string
  /** Ends it and undoes what it changed on the machine. @throws Error if something is left. */
  close: () => Promise<void>
}

/**
 * Starts a real one-node Kubernetes 1.20 (kubelet, API server, controller manager, containerd), ended at the latest
 * when this process is. About 10 s; the first one on a machine is built for some minutes. One at a time on a machine:
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

/** Short, since sockets lie below it. */
export function newKubeDir(): string {
  return `/tmp/cephflex-kube-${randomBytes(4).toString('hex')}`
}
