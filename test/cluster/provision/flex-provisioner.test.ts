// The flex provisioner passes nothing but the name to `delete`.
import t from 'tap'
import { listVolumes } from '../../../src/ops/provision/list.js'
import { createVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { namesBelow, provisionerFor, requestFor, volumeUsers } from '../../lab/provisioning.js'
import { KEY } from '../../support/volumes.js'

const NAME = 'kubernetes.io/pvOrVolumeName'
const PV = 'pvc-0b8a2c4e-1111-4222-8333-123456789abc'
const SIZE = { requestBytes: '8388608', requestMiB: '8', requestGiB: '1' }

t.test('parameters of the class that "delete" needs', async t => {
  const cluster = await startCluster(t)
  const main = { monitors: cluster.monitorsBoth, adminKeyring: cluster.adminKeyring }
  const node = makeNode(t, { clusters: { default: main, other: { ...main, claimRoot: '/other' } } })
  const provisioner = await provisionerFor(t, cluster)
  const provision = (parameters: object = {}) =>
    node.call('provision', JSON.stringify({ [NAME]: PV, ...SIZE, ...parameters }))
  const remove = () => node.call('delete', JSON.stringify({ [NAME]: PV }))
  const Success = { status: 'Success' }

  for (const onDelete of ['archive', 'retain', 'delete'])
    await t.test(`onDelete: ${onDelete}`, async t => {
      t.strictSame((await provision({ onDelete })).reply, Success)
      t.strictSame((await provision({ onDelete })).reply, Success, 'again')
      // what a pod could do: it writes the mark of its own directory
      const [volume] = (await listVolumes(provisioner)).filter(({ marker }) => marker.kept === undefined)
      const forged = JSON.stringify({ ...volume?.marker, onDelete: 'delete' })
      const mark = { path: volume?.share ?? '', name: 'user.cephflex.volume', value: forged }
      t.match(await provisioner.files.change('set', mark), { code: 0 })
      t.strictSame((await remove()).reply, Success)
      t.strictSame(await volumeUsers(cluster), [], 'the user is removed')
      const kept = await listVolumes(provisioner)
      t.strictSame(
        kept.map(({ marker }) => marker.kept),
        onDelete === 'delete' ? [] : [onDelete],
      )
      t.strictSame((await remove()).reply, Success, 'again')
      t.equal((await listVolumes(provisioner)).length, kept.length, 'what is kept stays kept')
      for (const { share } of kept) await provisioner.files.purge(share, 5)
    })

  await t.test('a place that "delete" would not search is refused', async t => {
    for (const [parameters, message] of [
      [{ claimRoot: '/k8s' }, /claimRoot \/k8s \(there: \/volumes\/kubernetes\)/],
      [{ fsName: 'cephfs' }, /fsName cephfs \(there: the default file system\)/],
      [{ cluster: 'other' }, /claimRoot \/other \(there: \/volumes\/kubernetes\)/],
    ] as const) {
      const { reply } = await provision(parameters)
      t.match(reply, {
        status: 'Failure',
        message: /^EBADVOLUME: a later "delete" would not find the volume/,
      })
      t.match(reply, { message })
      t.notMatch(reply, { message: / --/ })
    }
    t.strictSame([await volumeUsers(cluster), await namesBelow(provisioner)], [[], []], 'nothing was created')
    t.strictSame((await provision({ cluster: 'default', claimRoot: '/volumes/kubernetes' })).reply, Success)
    t.strictSame((await remove()).reply, Success)
  })

  await t.test('a volume that is elsewhere is not reported as deleted', async t => {
    const elsewhere = await provisionerFor(t, cluster, { claimRoot: '/elsewhere' })
    const { volume } = await createVolume(elsewhere, requestFor(PV, 'directory'))
    const { reply } = await remove()
    t.match(reply, { status: 'Failure', message: new RegExp(`^ENOTOURS: .* but ${volume?.path} in cephfs`) })
    t.notMatch(reply, { message: /auth rm| --/ }, 'no advice to remove the user')
  })
})

t.test('hints are for the caller, which has no command line', async t => {
  const cluster = await startCluster(t)
  const main = { monitors: cluster.monitorsBoth, adminKeyring: cluster.adminKeyring }
  const wrong = `${t.testdir({ key: KEY })}/key`
  const wrongKey = { adminKeyring: '/etc/hostname' }
  const call = { [NAME]: PV, ...SIZE }
  for (const [clusters, parameters, reply] of [
    [{}, call, /^EBADVOLUME: .* Hint: set adminKeyring for a cluster in \/etc/],
    [
      { default: { monitors: cluster.monitors } },
      call,
      /^EBADVOLUME: .* Hint: set adminKeyring for a cluster/,
    ],
    [
      { default: main },
      { ...call, cluster: 'none' },
      /^EBADVOLUME: cluster "none" .* Hint: set adminKeyring/,
    ],
    [{ default: { ...main, ...wrongKey } }, call, /^EBADKEY: .* Hint: set adminKeyring of the cluster/],
    [
      { default: { ...main, adminKeyring: wrong } },
      call,
      /^EREFUSED: .* Hint: compare the file adminKeyring/,
    ],
    [{ default: { ...main, fsName: 'none' } }, call, /^ENOFS: .* Hint: .* set fsName of the cluster/],
    [{ default: main }, { [NAME]: PV }, /^EBADREQUEST: .* Hint: the flex provisioner passes it/],
    [{ default: main }, SIZE, /^EBADREQUEST: .* Hint: the flex provisioner passes it/],
    [{ default: main }, { ...call, pool: 'none' }, /^EBADVOLUME: .* Hint: /],
  ] as const) {
    const node = makeNode(t, { clusters })
    for (const verb of reply.source.includes('passes it') || 'pool' in parameters
      ? ['provision']
      : ['provision', 'delete']) {
      const answer = await node.call(verb, JSON.stringify(parameters))
      t.match(answer.reply, { status: 'Failure', message: reply }, `${verb}: ${reply}`)
      t.notMatch(answer.reply, { message: /(?<!kubectl.*) --[a-z]/ }, 'no flag')
      t.notMatch(answer.reply, { message: /volume option|the Secret/ }, 'nothing of a mount')
    }
  }
})
