import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { parseVolumeObjects } from '../../../src/core/migration/pv-file.js'
import { Secret } from '../../../src/core/secret.js'
import { importVolume } from '../../../src/ops/migration/import.js'
import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import { createVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { BACKENDS, namesBelow, provisionerFor, requestFor } from '../../lab/provisioning.js'
import { base64 } from '../../support/volumes.js'

t.test('the layout of a directory above a volume', async t => {
  const cluster = await startCluster(t, { mgr: true })
  const node = makeNode(t)
  for (const pool of ['fast', 'slow']) {
    await cluster.command({ prefix: 'osd pool create', pool, pg_num: 1 })
    await cluster.command({ prefix: 'fs add_data_pool', fs_name: 'cephfs', pool })
  }
  const { files, openRoot } = await provisionerFor(t, cluster, { claimRoot: '/', backend: 'directory' })
  await openRoot(false)
  for (const [path, pool] of [
    ['far', 'slow'],
    ['far/near', 'fast'],
    ['volumes', 'fast'],
  ] as const) {
    await files.change('mkdir', { path, mode: 0o755 })
    await files.change('set', { path, name: 'ceph.dir.layout.pool', value: pool })
  }

  /** Creates a volume, and writes to it with its own key. @returns the pool of the volume, and that of the data. */
  const poolsOf = async (provisioner: Provisioner, pv: string, pool?: string) => {
    const request = requestFor(pv, provisioner.cluster.backend, { pool })
    const { volume, key } = await createVolume(provisioner, request)
    const target = node.target(pv)
    const { path = '', user = '' } = volume ?? {}
    const secret = { 'kubernetes.io/secret/key': base64(key?.reveal() ?? '') }
    const options = { monitors: cluster.monitors, path, user, ...secret }
    t.strictSame((await node.mount(target, options)).reply, { status: 'Success' })
    const file = openSync(`${target}/file`, 'w')
    writeSync(file, 'text')
    fsyncSync(file)
    closeSync(file)
    const args = ['--only-values', '-n', 'ceph.file.layout.pool', `${target}/file`]
    const { stdout } = await execa('getfattr', args)
    t.strictSame((await createVolume(provisioner, request)).steps, [], 'nothing is left to do')
    return [volume?.pool, stdout]
  }

  for (const backend of BACKENDS)
    await t.test(`a new volume is in its pool: ${backend}`, async t => {
      const claimRoot = backend === 'directory' ? '/far/near/deep/claims' : '/volumes/claims'
      const provisioner = await provisionerFor(t, cluster, { claimRoot, backend })
      t.strictSame(await namesBelow(provisioner), [], 'claimRoot is missing')
      t.strictSame(await poolsOf(provisioner, `first-${backend}`), ['fast', 'fast'])
      t.strictSame(await poolsOf(provisioner, `second-${backend}`), ['fast', 'fast'])
      t.strictSame(await poolsOf(provisioner, `other-${backend}`, 'slow'), ['slow', 'slow'], 'unless given')
    })

  await t.test('the nearest directory counts', async t => {
    const provisioner = await provisionerFor(t, cluster, { claimRoot: '/far', backend: 'directory' })
    t.strictSame(await poolsOf(provisioner, 'nearest'), ['slow', 'slow'])
  })

  await t.test('a key that may not look above claimRoot', async t => {
    await files.change('mkdir', { path: 'limited', mode: 0o755 })
    const all = { mon: 'allow *', osd: 'allow *', mgr: 'allow *' }
    const key = new Secret(await cluster.addUser('limited', { ...all, mds: 'allow rwps path=/limited' }))
    const access = { user: 'limited', key, claimRoot: '/limited', backend: 'directory' } as const
    t.strictSame(await poolsOf(await provisionerFor(t, cluster, access), 'limited'), ['data', 'data'])
  })

  await t.test('import compares the user with it', async t => {
    const provisioner = await provisionerFor(t, cluster, { claimRoot: '/far/near', backend: 'directory' })
    const path = '/far/near/old'
    await files.change('mkdir', { path: path.slice(1), mode: 0o777 })
    const dryRun = async (user: string, pool: string) => {
      await cluster.addUser(user, {
        mon: 'allow r',
        mds: `allow rw path=${path}`,
        osd: `allow rw pool=${pool}`,
      })
      const [volume] = parseVolumeObjects(JSON.stringify(oldVolume(path, user))).volumes
      if (!volume) throw new Error('no volume')
      return importVolume(provisioner, volume, { dryRun: true })
    }
    await t.rejects(dryRun('wrong', 'data'), {
      code: 'ENOTOURS',
      message: /\(pool fast, without a namespace\)/,
    })
    t.equal((await dryRun('right', 'fast')).steps.length, 1)
  })
})

/** A PersistentVolume of external-storage's provisioner. */
function oldVolume(path: string, user: string) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pvc-old', annotations: { 'pv.kubernetes.io/provisioned-by': 'ceph.com/cephfs' } },
    spec: {
      capacity: { storage: '8Mi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Delete',
      cephfs: { monitors: ['10.0.0.1:6789'], path, user, secretRef: { name: 'old', namespace: 'apps' } },
    },
  }
}
