import { execa } from 'execa'
import type { RecoveryReport } from '../../../src/core/recover/recovery.js'
import type { TestCluster } from '../../lab/cluster.js'
import type { Kube } from '../../lab/kube/kube.js'
import type { TestNode } from '../../lab/node.js'

/** Evicts all clients, as the cluster itself does with a dead one after a minute. */
export async function evictClients({ conf }: TestCluster): Promise<void> {
  const tell = async (...words: string[]) =>
    (await execa('ceph', ['-c', conf, 'tell', 'mds.0', ...words, '--format', 'json'])).stdout
  for (const { id } of JSON.parse(await tell('session', 'ls')) as { id: number }[])
    await tell('session', 'evict', `id=${id}`)
}

/** Runs `recover` of the installed driver. @returns its report. */
export async function recoverAll(kube: Kube, { environment }: TestNode): Promise<RecoveryReport[]> {
  const program = `${kube.pluginDir}/cephflex~cephfs/cephfs`
  const { stdout } = await execa(program, ['recover', '--all', '--json'], {
    env: environment,
    stdin: 'ignore',
  })
  return JSON.parse(stdout) as RecoveryReport[]
}
