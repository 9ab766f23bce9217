import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Test } from 'tap'
import { processInfo } from '../../../src/system/processes.js'
import type { Kube } from '../../lab/kube/kube.js'
import { until } from '../../lab/until.js'
import { objectsIn } from '../../support/kubernetes.js'
import { manifest } from './controller.js'
import { flexVolume, type KubeObject, NODE } from './objects.js'
import { type PodRead, processesOf } from './pods.js'
import { startScene } from './scene.js'

const PKG = resolve('dist/pkg')
/** What it is while install.sh chooses a binary and enters the node. */
const STARTERS = ['sh', 'nsenter', '']
const NAMESPACE = ['-n', 'cephflex']

type Container = { name: string; args?: string[]; env?: { name: string; value: string }[] }
type DaemonSet = KubeObject & { spec: { template: { spec: { nodeName?: string; containers: Container[] } } } }

/** A scene whose driver is installed and whose volumes are healed by the shipped DaemonSet, once that is started. */
export async function startHealing(t: Test) {
  const keys = mkdtempSync('/tmp/cephflex-keys-')
  t.teardown(() => rmSync(keys, { recursive: true }))
  const config = { recovery: true, clientSharing: 'node', secretDirectories: [keys] }
  const scene = await startScene(t, { install: false, config })
  const { kube, driver, ceph } = scene
  const secretFile = `${keys}/admin`
  writeFileSync(secretFile, ceph.adminKey, { mode: 0o600 })
  const metricsFile = `${driver.dir}/cephflex.prom`
  return {
    ...scene,
    metricsFile,
    heal: healer(kube, { configFile: driver.configFile, metricsFile }),
    /** An inline volume whose key is in a file of the node. */
    byFile: (options: Readonly<Record<string, string>>) =>
      flexVolume({ monitors: ceph.monitors, secretFile, ...options }),
  }
}

/**
 * The shipped DaemonSet with `recover=true`, which also installs the driver. Two things differ: this node has no
 * scheduler, and its first process may be closed to this user, so that another one stands for it.
 */
function healer(kube: Kube, { configFile, metricsFile }: { configFile: string; metricsFile: string }) {
  const pods = async () =>
    (await kube.list<PodRead>([...NAMESPACE, 'pod'])).filter(({ status }) => status.containerStatuses)
  /** The first process of its container, once that is no longer the shell that starts it. */
  const running = async () => {
    const [pid] = (await pods()).flatMap(processesOf).sort((a, b) => a - b)
    return pid !== undefined && !STARTERS.includes(processInfo(pid)?.name ?? '') ? pid : undefined
  }
  const runs = () => until('the healer runs', running)
  const deletePod = async () => {
    const [old] = await pods()
    await kube.kubectl([...NAMESPACE, 'delete', 'pod', '--wait=false', old?.metadata.name ?? ''])
  }
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
    deletePod,
    /** Its process, if it runs. */
    process: running,
    /** Waits until it runs. @returns its process. */
    runs,
    log: () => kube.kubectl([...NAMESPACE, 'logs', 'daemonset/cephflex', '-c', 'recover']),
    /** Replaces its pod, as an upgrade does. @returns the process of the new one. */
    replace: async (): Promise<number> => {
      const [old] = await pods()
      await deletePod()
      await until('another pod replaces it', async () => {
        const [now] = await pods()
        return now !== undefined && now.metadata.name !== old?.metadata.name
      })
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
