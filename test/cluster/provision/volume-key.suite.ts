// The user that the threat-model page proposes for the controller has the caps that it needs, and no more.
import { execa } from 'execa'
import t from 'tap'
import { Secret } from '../../../src/core/secret.js'
import { listVolumes } from '../../../src/ops/provision/list.js'
import { createVolume, deleteVolume, expandVolume, showVolume } from '../../../src/ops/provision/volumes.js'
import { blocksOf } from '../../docs/examples.js'
import { startCluster, type TestCluster } from '../../lab/cluster.js'
import {
  BACKENDS,
  MIB,
  namesBelow,
  openFor,
  provisionerFor,
  requestFor,
  volumeUsers,
} from '../../lab/provisioning.js'

const USER = 'cephflex'

/** Runs the commands of the page. @returns the key that they create. */
const makeUser = async (cluster: TestCluster, folder: string): Promise<Secret> => {
  const blocks = blocksOf('src/assets/docs/threat-model.md')
  const block = blocks.find(({ text }) => text.includes(`auth get-or-create client.${USER}`))
  if (block === undefined) throw new Error('the page names no such user')
  await execa('sh', ['-euc', block.text], { env: { CEPH_CONF: cluster.conf, TMP: folder } })
  const [user] = (await cluster.command({ prefix: 'auth get', entity: `client.${USER}` })) as {
    key: string
  }[]
  return new Secret(user?.key ?? '')
}

t.test('a key with fewer rights than that of the admin', async t => {
  const cluster = await startCluster(t, { mgr: true })
  const access = { user: USER, key: await makeUser(cluster, t.testdir()) }

  for (const backend of BACKENDS)
    await t.test(`${backend}: create, expand, show, delete`, async t => {
      const provisioner = await provisionerFor(t, cluster, {
        ...access,
        ...{ backend, claimRoot: `/volumes/${backend}` },
      })
      const request = requestFor('web', backend)
      const { volume } = await createVolume(provisioner, request)
      t.equal(volume?.user, request.names.user)
      await cluster.writeFile(`${volume?.path}/file`, 'x')
      await expandVolume(provisioner, 'web', 16n * MIB)
      t.equal((await showVolume(provisioner, 'web')).sizeBytes, 16n * MIB)
      t.strictSame(
        (await listVolumes(provisioner)).map(({ marker }) => marker.pv),
        ['web'],
      )
      await deleteVolume(provisioner, 'web')
      t.strictSame(await listVolumes(provisioner), [])
      t.strictSame(await volumeUsers(cluster), [], 'no user is left')
    })

  await t.test('names that follow from the claim', async t => {
    const provisioner = await provisionerFor(t, cluster, { ...access, backend: 'directory' })
    const request = requestFor('named', 'directory')
    const user = 'k8s.apps.data'
    const names = { share: 'apps/data', user, namespace: 'fsvolumens_apps.data' }
    await createVolume(provisioner, { ...request, names })
    t.strictSame(await volumeUsers(cluster), [`client.${user}`])
    await deleteVolume(provisioner, 'named', { names })
    t.strictSame(await volumeUsers(cluster), [])
    t.strictSame(await namesBelow(provisioner, 'apps'), [])
  })

  await t.test('the next leader evicts one that was stopped', async t => {
    const options = { ...access, backend: 'directory', lease: 'lease-1' } as const
    const before = await openFor(cluster, options)
    t.teardown(() => before.close())
    await before.openRoot(true)
    t.match(await before.files.change('mkdir', { path: 'early', mode: 0o755 }), { code: 0 })
    const next = await provisionerFor(t, cluster, options)
    await next.openRoot(true)
    t.not((await before.files.change('mkdir', { path: 'late', mode: 0o755 })).code, 0)
    t.strictSame(await namesBelow(next), ['apps', 'early'])
  })

  await t.test('the cluster refuses everything else', async t => {
    const { rados } = await provisionerFor(t, cluster, { ...access, backend: 'directory' })
    const user = 'client.kubernetes_dynamic_user_x'
    const own = ['mds', 'allow rw path="/x"', 'osd', 'allow rw pool=data namespace=x']
    const refused: object[] = [
      { prefix: 'auth get', entity: 'client.admin' },
      { prefix: 'auth get-key', entity: 'client.admin' },
      { prefix: 'auth ls' },
      { prefix: 'auth rm', entity: 'client.admin' },
      { prefix: 'auth get-or-create', entity: 'client.other', caps: [...own, 'mon', 'allow r'] },
      { prefix: 'auth get-or-create', entity: user, caps: [...own, 'mon', 'allow *'] },
      { prefix: 'auth get-or-create', entity: user, caps: ['mon', 'allow r'] },
      { prefix: 'auth caps', entity: `client.${USER}`, caps: ['mon', 'allow *'] },
      { prefix: 'osd pool create', pool: 'mine' },
      { prefix: 'config-key ls' },
    ]
    for (const command of refused)
      await t.rejects(rados.ask('mon', command), { code: 'ENOCAPS' }, JSON.stringify(command))
    t.strictSame(await volumeUsers(cluster), [])
  })
})
