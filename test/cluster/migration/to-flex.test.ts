import { writeFileSync } from 'node:fs'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { cephflex } from '../../support/cli.js'

t.test('an in-tree PersistentVolume works as a flexVolume', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const env = node.environment
  await cluster.mkdir('/web')
  const key = await cluster.addUser('web', { mds: 'allow rw path="/web"', mon: 'allow r', osd: 'allow rw' })
  const inTree = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'web' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      claimRef: { namespace: 'apps', name: 'web' },
      cephfs: { monitors: [cluster.monitors], path: '/web', user: 'web', secretRef: { name: 'old' } },
    },
  }
  const file = `${node.dir}/pv.yaml`
  writeFileSync(file, JSON.stringify(inTree))
  const { code, out, err } = await cephflex(['import', '--to-flex', '-f', file], { env })
  t.equal(code, 0, err)
  t.match(err, /^note: the Secret needs the type cephflex\/cephfs: kubectl get secret -n 'apps' 'old' /)

  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'old-flex', namespace: 'apps' },
    type: 'cephflex/cephfs',
    stringData: { key },
  }
  writeFileSync(file, `${out}\n---\n${JSON.stringify(secret)}\n`)
  const tried = await cephflex(['mount-test', '--options', file, '--size', '1'], { env })
  t.equal(tried.code, 0, `${tried.out}${tried.err}`)
  t.match(tried.out, /^ok .*write and fsync/m)

  const json = await cephflex(['import', '--to-flex', '--json', '-f', file], { env })
  t.match(json, { code: 1, err: /^EBADREQUEST: the file contains no PersistentVolume with cephfs/ })
})
