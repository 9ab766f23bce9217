// Each case takes one of the caps away that creating and deleting volumes needs.
import t from 'tap'
import { Secret } from '../../../src/core/secret.js'
import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import { createVolume, deleteVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { openFor, provisionerFor, requestFor, volumeUsers } from '../../lab/provisioning.js'

const AUTH = (...verbs: string[]) =>
  `allow r, ${verbs.map(verb => `allow command "auth ${verb}"`).join(', ')}`
const ALL = { mon: AUTH('get', 'rm', 'get-or-create'), mgr: 'allow rw', mds: 'allow *' }

t.test('a key with too few caps', async t => {
  const cluster = await startCluster(t, { mgr: true })
  const admin = await provisionerFor(t, cluster)
  let count = 0
  const attempt = async (
    caps: Record<string, string | undefined>,
    backend: 'directory' | 'subvolume',
    work: (provisioner: Provisioner) => Promise<unknown>,
  ) => {
    const user = `few${count++}`
    const given = Object.fromEntries(
      Object.entries({ ...ALL, ...caps }).filter(([, cap]) => cap !== undefined),
    )
    const key = new Secret(await cluster.addUser(user, given))
    const provisioner = await openFor(cluster, { user, key, backend })
    await work(provisioner).finally(() => provisioner.close())
  }
  const create = (provisioner: Provisioner) =>
    createVolume(provisioner, requestFor('web', provisioner.cluster.backend))

  await attempt({}, 'directory', async provisioner => {
    await create(provisioner)
    await deleteVolume(provisioner, 'web')
  })
  for (const [caps, backend, message] of [
    [
      { mon: 'allow command "fs ls"' },
      'directory',
      /run "(fs dump|versions|mgr dump)": its mon caps lack "allow r"/,
    ],
    [{ mon: 'allow r' }, 'directory', /run "auth get": its mon caps lack "allow command \\"auth get\\""/],
    [{ mon: AUTH('get', 'rm') }, 'directory', /run "auth get-or-create": its mon caps lack/],
    [{ mgr: undefined }, 'subvolume', /run "fs subvolume[a-z ]*": its mgr caps lack "allow rw"/],
    [{ mgr: 'allow r' }, 'subvolume', /run "fs subvolume[a-z ]*": its mgr caps lack "allow rw"/],
    [{ mds: 'allow r' }, 'directory', /may not change \S+: its mds caps lack "allow rw"/],
    [{ mds: 'allow rw' }, 'directory', /set ceph\.dir\.layout\.pool of \S+: its mds caps lack "allow rwp"/],
  ] as const) {
    const expected = { code: 'ENOCAPS', message, hint: /"ceph auth get client\.few\d+"/ }
    await t.rejects(attempt(caps, backend, create), expected, String(message))
    await deleteVolume(admin, 'web')
  }
  await t.rejects(attempt({ mds: undefined }, 'directory', create), { code: 'EDENIED', hint: /mds caps/ })

  await create(admin)
  await t.rejects(
    attempt({ mon: AUTH('get', 'get-or-create') }, 'directory', each => deleteVolume(each, 'web')),
    { code: 'ENOCAPS', message: /run "auth rm"/ },
  )
  t.equal((await volumeUsers(cluster)).length, 1, 'nothing was deleted')
})
