import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { reservedPath } from '../../../src/core/provision/names.js'
import { createVolume, deleteVolume, showVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster, type TestCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { BACKENDS, namesBelow, provisionerFor, requestFor, volumeUsers } from '../../lab/provisioning.js'
import { base64 } from '../../support/volumes.js'

const PV = 'pvc-0b8a2c4e-1111-4222-8333-123456789abc'

t.test('volumes with snapshots', async t => {
  const cluster = await startCluster(t, { mgr: true })
  const node = makeNode(t)
  // this mount of the admin creates and deletes snapshots
  const root = node.target('root')
  const mount = {
    monitors: cluster.monitors,
    path: '/',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  t.strictSame((await node.mount(root, mount)).reply, { status: 'Success' })

  for (const backend of BACKENDS)
    await t.test(backend, async t => {
      const claimRoot = `/volumes/s${backend}`
      const provisioner = await provisionerFor(t, cluster, { backend, claimRoot })
      const request = requestFor(PV, backend)
      const { share } = request.names
      const { volume } = await createVolume(provisioner, request)
      const data = `${root}${volume?.path}`
      mkdirSync(`${data}/a/b c`, { recursive: true })
      writeFileSync(`${data}/a/b c/file`, 'x')
      const refused = async (path: string, hint: RegExp) => {
        const expected = { code: 'ESNAPSHOTS', message: new RegExp(path), hint }
        await t.rejects(deleteVolume(provisioner, PV), expected, path)
        await t.rejects(deleteVolume(provisioner, PV, { dryRun: true }), expected, 'a dry run as well')
        t.equal((await volumeUsers(cluster)).length, 1, 'the user is unchanged')
        t.match(await showVolume(provisioner, PV), { path: volume?.path }, 'and so is the data')
      }
      if (backend === 'directory') await snapshotsBelow(root, volume?.path ?? '', refused)
      else await snapshotOfSubvolume(cluster, share, refused)

      mkdirSync(`${root}${claimRoot}/.snap/above`)
      t.ok((await deleteVolume(provisioner, PV)).steps.length > 1, 'a snapshot of a parent prevents nothing')
      rmdirSync(`${root}${claimRoot}/.snap/above`)
      t.strictSame(await volumeUsers(cluster), [])
      t.strictSame(await namesBelow(provisioner), [])
    })

  await t.test('the trash of an interrupted deletion', async t => {
    const provisioner = await provisionerFor(t, cluster, { backend: 'directory', claimRoot: '/trash' })
    const request = requestFor(PV, 'directory')
    await createVolume(provisioner, request)
    const trash = reservedPath('trash', request.names.share)
    await provisioner.files.change('rename', { old: request.names.share, new: trash })
    mkdirSync(`${root}/trash/${trash}/.snap/late`)
    await t.rejects(deleteVolume(provisioner, PV), { code: 'ESNAPSHOTS', message: /_trash_.*\/late$/ })
    t.equal((await volumeUsers(cluster)).length, 1, 'nothing was done')
    rmdirSync(`${root}/trash/${trash}/.snap/late`)
    await deleteVolume(provisioner, PV)
    t.strictSame([await volumeUsers(cluster), await namesBelow(provisioner)], [[], []])
  })

  await t.test('kept data may have snapshots', async t => {
    for (const backend of BACKENDS) {
      const claimRoot = `/volumes/k${backend}`
      const provisioner = await provisionerFor(t, cluster, { backend, claimRoot })
      const { volume } = await createVolume(provisioner, requestFor(PV, backend))
      const top = backend === 'directory' ? volume?.path : volume?.path.replace(/\/[^/]*$/, '')
      mkdirSync(`${root}${top}/.snap/daily`)
      await deleteVolume(provisioner, PV, { onDelete: 'archive' })
      t.strictSame(await volumeUsers(cluster), [], backend)
      t.match(await namesBelow(provisioner), [/^archived_/])
    }
  })
})

type Refused = (path: string, hint: RegExp) => Promise<void>

/** @param root where the file system is mounted. */
async function snapshotsBelow(root: string, path: string, refused: Refused): Promise<void> {
  for (const place of [path, `${path}/a`, `${path}/a/b c`]) {
    mkdirSync(`${root}${place}/.snap/daily`)
    await refused(`there are snapshots: ${place}/.snap/daily$`, /"rmdir 'MOUNT\/.*\/\.snap\/daily'"/)
    rmdirSync(`${root}${place}/.snap/daily`)
  }
  const names = ['1', '2', '3', '4', '5']
  for (const name of names) mkdirSync(`${root}${path}/a/.snap/${name}`)
  await refused('/a/.snap/\\d, .*/a/.snap/\\d, .*/a/.snap/\\d, and more$', /^delete each snapshot /)
  for (const name of names) rmdirSync(`${root}${path}/a/.snap/${name}`)
}

async function snapshotOfSubvolume(cluster: TestCluster, share: string, refused: Refused): Promise<void> {
  const snapshot = { vol_name: 'cephfs', sub_name: share, group_name: 'ssubvolume', snap_name: 'one' }
  const ask = (verb: string) =>
    cluster.session().command('mgr', { prefix: `fs subvolume snapshot ${verb}`, ...snapshot })
  await ask('create')
  await refused('/.snap/one$', new RegExp(`"ceph fs subvolume snapshot rm cephfs ${share} 'one' ssubvolume"`))
  await ask('rm')
}
