import { readFileSync, statSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { readVolumeKey } from '../../../src/ops/provision/users.js'
import { createVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { DRIVER, makeNode } from '../../lab/node.js'
import { adminCommands, provisionerFor, requestFor } from '../../lab/provisioning.js'
import { objectsIn, validate } from '../../support/kubernetes.js'

t.test('volumes of a cluster, for ceph-csi', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const provisioner = await provisionerFor(t, cluster)
  const { volume } = await createVolume(provisioner, requestFor('web', 'directory'))
  await createVolume(provisioner, requestFor('other', 'directory'))
  if (!volume) throw new Error('no volume')
  const key = (await readVolumeKey(provisioner, volume)).reveal()
  const command = adminCommands(t, node, cluster, key)
  const run = (args: string[], input?: string) => command(['export-csi', ...args], input)

  const all = objectsIn((await run([])).stdout)
  for (const object of all) validate(object)
  t.strictSame(
    all.map(({ kind }) => kind),
    ['Secret', 'Secret', 'PersistentVolume', 'PersistentVolume'],
  )
  const secrets = `${node.dir}/secrets.yaml`
  const { stdout, exitCode } = await run(['web', '--json', '--secrets-to', secrets])
  t.equal(exitCode, 0)
  const { items } = JSON.parse(stdout) as { items: object[] }
  t.match(items, [
    {
      kind: 'PersistentVolume',
      metadata: { name: 'web-csi' },
      spec: {
        csi: { volumeAttributes: { clusterID: cluster.fsid, fsName: 'cephfs', rootPath: volume?.path } },
      },
    },
  ])
  t.equal(items.length, 1, 'with --secrets-to, no Secret is printed')
  t.equal(statSync(secrets).mode & 0o777, 0o600)
  t.match(objectsIn(readFileSync(secrets, 'utf8')), [{ stringData: { userID: volume?.user, userKey: key } }])
  t.match(await run(['web', '--secrets-to', secrets]), { exitCode: 1, stderr: /EEXIST/, stdout: '' })
  t.match(await run(['nothing']), { exitCode: 1, stderr: /^ENOVOLUME: / })

  const pv = JSON.stringify({
    kind: 'PersistentVolume',
    metadata: { name: 'flex' },
    spec: {
      capacity: { storage: '1Gi' },
      claimRef: { namespace: 'apps', name: 'data' },
      flexVolume: { driver: 'cephflex/cephfs', options: { path: volume?.path, user: volume?.user } },
    },
  })
  const offline = await execa(
    DRIVER,
    ['export-csi', '-f', '-', '--cluster-id', 'rook', '--fs-name', 'x', '--json'],
    {
      input: pv,
      env: node.environment,
    },
  )
  t.match(JSON.parse(offline.stdout), {
    items: [
      {},
      { spec: { claimRef: { name: 'data' }, csi: { volumeAttributes: { clusterID: 'rook', fsName: 'x' } } } },
    ],
  })

  await t.test('what a file contains, and what of it is not exported', async t => {
    const options = { monitors: cluster.monitors, path: volume.path, user: volume.user }
    const flex = (name: string, changes: object = {}, driver = 'cephflex/cephfs') => ({
      kind: 'PersistentVolume',
      metadata: { name },
      spec: { flexVolume: { driver, options: { ...options, ...changes } } },
    })
    await cluster.addUser('wide', { mon: 'allow r', mds: 'allow rw', osd: 'allow rw pool=data' })
    const items = [
      flex('mine'),
      flex('other-driver', { monitors: undefined, path: undefined, user: undefined }, 'vendor/nfs'),
      flex('other-cluster', { monitors: '192.0.2.1:6789' }),
      flex('no-monitors', { monitors: undefined }),
      flex('no-user', { user: undefined }),
      flex('no-path', { path: undefined }),
      flex('as-admin', { user: 'admin', path: '/' }),
      flex('as-wide', { user: 'wide' }),
      flex('as-other', { path: '/volumes/kubernetes' }),
      {
        kind: 'PersistentVolume',
        metadata: { name: 'in-tree' },
        spec: { cephfs: { monitors: [cluster.monitors] } },
      },
    ]
    const file = `${node.dir}/file-secrets.yaml`
    const input = JSON.stringify({ kind: 'List', items })
    const { stdout, stderr, exitCode } = await run(['-f', '-', '--json', '--secrets-to', file], input)
    t.equal(exitCode, 0)
    t.match(JSON.parse(stdout), { items: [{ metadata: { name: 'mine-csi' } }] })
    t.equal((JSON.parse(stdout) as { items: object[] }).items.length, 1)
    const written = readFileSync(file, 'utf8')
    t.match(objectsIn(written), [{ stringData: { userID: volume.user, userKey: key } }])
    t.notMatch(written, cluster.adminKey)
    for (const reason of [
      'other-driver: its driver is vendor/nfs, not cephflex/cephfs',
      'other-cluster: its monitors 192.0.2.1:6789 are not those of this cluster',
      'no-monitors: it names no monitors',
      'no-user: it names no user',
      'no-path: it names no path',
      'as-admin: the key of client.admin was not read',
      'as-wide: the key of client.wide was not read',
      `as-other: the key of client.${volume.user} was not read`,
      'in-tree: it names no path',
    ])
      t.match(stderr, `left out: ${reason}`)
    t.match(await run(['as-admin', '-f', '-', '--secrets-to', `${file}2`], input), {
      exitCode: 1,
      stdout: '',
      stderr: /^ENOTOURS: as-admin was not exported: /,
    })
  })
})
