import t, { type Test } from 'tap'
import { type CephRelease, openRelease, type Suite } from '../lab/ceph/release.js'
import { startCluster, type TestCluster } from '../lab/cluster.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { runCases } from './cases.js'

/**
 * All cases with the ceph-fuse of one Debian release: against the cluster of
 * this machine, and against one of its own release if that is another.
 */
export function testRelease(suite: Suite) {
  return t.test(`ceph-fuse of ${suite}`, async t => {
    const release = await openRelease(t, suite)
    let here = ''
    await t.test('with the cluster of this machine', async t => {
      const cluster = await startCluster(t, { secondFs: true })
      here = await releaseOf(cluster)
      await against(t, suite, release, cluster)
    })
    if (release.version === here) return
    await t.test('with a cluster of its own release', async t => {
      const cluster = await release.startCluster(t)
      t.equal(await releaseOf(cluster), release.version)
      await against(t, suite, release, cluster)
    })
  })
}

async function against(t: Test, suite: Suite, release: CephRelease, cluster: TestCluster) {
  const server = await releaseOf(cluster)
  recordTest(t, `ceph-${suite}`, {
    area: 'ceph',
    subject: 'ceph-fuse',
    version: `${release.version}, cluster ${server}`,
    arch: thisArch(),
    note: `Debian ${suite}`,
  })
  await runCases(t, release, cluster, Number(server.split('.')[0]))
}

async function releaseOf({ command }: TestCluster): Promise<string> {
  const { overall } = (await command({ prefix: 'versions' })) as { overall: Record<string, number> }
  const [first = '', ...others] = Object.keys(overall).map(text => text.split(' ')[2])
  if (others.length > 0) throw new Error(`the servers are of several releases: ${others.join()}`)
  return first
}
