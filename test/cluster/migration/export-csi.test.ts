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
})
