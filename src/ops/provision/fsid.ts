import type { Provisioner } from './provisioner.js'

/** The id of the cluster, a UUID, which ceph-csi's examples use as clusterID. @throws CephflexError ECLUSTER and what the session throws. */
export async function readFsid({ rados }: Pick<Provisioner, 'rados'>): Promise<string> {
  const answer = await rados.command('mon', { prefix: 'fsid' })
  return typeof answer === 'string' ? answer.trim() : (answer as { fsid: string }).fsid
}
