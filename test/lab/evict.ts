import { execa } from 'execa'
import type { TestCluster } from './cluster.js'

/**
 * Evicts every client, except those of a directory, as the MDS itself does after a minute with those that died. Until
 * then, others wait for their caps.
 */
export async function evictAll({ conf }: TestCluster, except?: string): Promise<void> {
  const tell = (...words: string[]) =>
    execa('ceph', ['tell', 'mds.0', ...words, '--format', 'json'], { env: { CEPH_CONF: conf } })
  const sessions = JSON.parse((await tell('session', 'ls')).stdout) as {
    id: number
    client_metadata: { root?: string }
  }[]
  for (const { id, client_metadata } of sessions)
    if (client_metadata.root === undefined || client_metadata.root !== except)
      await tell('session', 'evict', `id=${id}`)
}
