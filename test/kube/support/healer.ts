import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { processInfo } from '../../../src/system/processes.js'
import type { Kube } from '../../lab/kube/kube.js'
import { until } from '../../lab/until.js'
import { objectsIn } from '../../support/kubernetes.js'
import { manifest } from './controller.js'
import { type KubeObject, NODE } from './objects.js'
import { type PodRead, processesOf } from './pods.js'

const PKG = resolve('dist/pkg')
/** What it is while install.sh chooses a binary and enters the node. */
const STARTERS = ['sh', 'nsenter', '']
const NAMESPACE = ['-n', 'cephflex']

type Container = { name: string; args?: string[]; env?: { name: string; value: string }[] }
type DaemonSet = KubeObject & { spec: { template: { spec: { nodeName?: string; containers: Container[] } } } }

/**
 * The shipped DaemonSet with `recover=true`, which also installs the driver. Two things differ: this node has no
 * scheduler, and its first process may be closed to this user, so that another one stands for it.
 */
export function healer(kube: Kube, { configFile, metricsFile }: { configFile: string; metricsFile: string }) {
  const pods = async () =>
    (await kube.list<PodRead>([...NAMESPACE, 'pod'])).filter(({ status }) => status.containerStatuses)
  /** The first process of its container, once that is no longer the shell that starts it. */
  const runs = () =>
    until('the healer runs', async () => {
      const [pid] = (await pods()).flatMap(processesOf).sort((a, b) => a - b)
      return pid !== undefined && !STARTERS.includes(processInfo(pid)?.name ?? '') && pid
    })
  return {
    /** Starts it, and waits until it looks. @returns its process. */
    start: async (): Promise<number> => {
      const [image = ''] = readdirSync(PKG).filter(name => name.endsWith('-oci.tar'))
      await kube.importImage(`${PKG}/${image}`)
      const text = await manifest('daemonset', { recover: 'true', metricsFile, pluginDir: kube.pluginDir })
      const objects = objectsIn(text) as unknown as DaemonSet[]
      for (const { kind, spec } of objects) if (kind === 'DaemonSet') adapt(spec.template.spec, configFile)
      await kube.apply(...objects)
      await kube.kubectl([...NAMESPACE, 'rollout', 'status', 'daemonset/cephflex', '--timeout=100s'])
      return runs()
    },
    pods,
    /** Waits until it runs. @returns its process. */
    runs,
    log: () => kube.kubectl([...NAMESPACE, 'logs', 'daemonset/cephflex', '-c', 'recover']),
    /** Replaces its pod, as an upgrade does. @returns the process of the new one. */
    replace: async (): Promise<number> => {
      const [old] = await pods()
      await kube.kubectl([...NAMESPACE, 'delete', 'pod', old?.metadata.name ?? ''])
      await kube.kubectl([...NAMESPACE, 'rollout', 'status', 'daemonset/cephflex', '--timeout=100s'])
      return runs()
    },
    remove: () => kube.kubectl([...NAMESPACE, 'delete', 'daemonset', 'cephflex', '--timeout=90s']),
  }
}

function adapt(spec: DaemonSet['spec']['template']['spec'], configFile: string): void {
  spec.nodeName = NODE
  for (const container of spec.containers) {
    container.env = [{ name: 'CEPHFLEX_CONFIG', value: configFile }]
    container.args = container.args?.map(word =>
      word === '--root=/proc/1/root' ? `--root=/proc/${process.pid}/root` : word,
    ) as string[]
  }
}
