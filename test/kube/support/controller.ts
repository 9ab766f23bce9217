import { readFileSync } from 'node:fs'
import { arch } from 'node:os'
import { resolve } from 'node:path'
import { execa } from 'execa'
import type { Test } from 'tap'
import type { Kube } from '../../lab/kube/kube.js'
import { accountConfig, type Replica, startReplica } from '../../lab/kube/replica.js'
import { objectsIn } from '../../support/kubernetes.js'
import type { KubeObject } from './objects.js'

const PROGRAM = resolve(`dist/pkg/cephflex-linux-${arch()}`)

/** Seconds. Short, so that a test need not wait; the default is 15. */
const LEASE_S = 3

/**
 * The controller with the rights of the shipped manifest, as processes of this
 * machine, which tests can kill and stop. As a Deployment: deployment.suite.ts.
 */
export async function controllers(t: Test, kube: Kube) {
  const objects = await shipped('controller')
  await kube.apply(...objects.filter(({ kind }) => kind !== 'Deployment'))
  const kubeconfig = await accountConfig(kube)
  const logFile = `${kube.dir}/run/log/controller.log`
  const running = new Set<Replica>()

  const start = async (...flags: string[]): Promise<Replica> => {
    const replica = await startReplica({
      program: [PROGRAM],
      kubeconfig,
      logFile,
      flags: ['--lease-seconds', String(LEASE_S), ...flags],
    })
    running.add(replica)
    void replica.ended.then(() => running.delete(replica))
    return replica
  }
  t.teardown(async () => {
    for (const replica of running) replica.kill('SIGKILL')
    await Promise.all([...running].map(({ ended }) => ended))
  })
  return { start, log: () => readFileSync(logFile, 'utf8') }
}

/** The output of "cephflex manifests". */
export async function manifest(name: string, settings: Record<string, string> = {}): Promise<string> {
  const flags = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  return (await execa(PROGRAM, ['manifests', name, ...flags])).stdout
}

/** The same, as objects. */
export async function shipped(name: string, settings: Record<string, string> = {}): Promise<KubeObject[]> {
  return objectsIn(await manifest(name, settings)) as unknown as KubeObject[]
}
