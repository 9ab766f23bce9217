import { execa } from 'execa'
import t from 'tap'
import { parseVolumeObjects } from '../../../src/core/migration/pv-file.js'
import { MARKER_XATTR } from '../../../src/core/provision/marker.js'
import { importVolume } from '../../../src/ops/migration/import.js'
import { listVolumes } from '../../../src/ops/provision/list.js'
import { createVolume, deleteVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { adminCommands, namesBelow, provisionerFor, requestFor } from '../../lab/provisioning.js'

const OLD = new URL('../../../../test/lab/old-provisioner.py', import.meta.url).pathname
const ROOT = '/volumes/kubernetes'

t.test('volumes in volumes', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const provisioner = await provisionerFor(t, cluster)
  const run = adminCommands(t, node, cluster, cluster.adminKey)
  const old = async (number: number) => {
    const user = `kubernetes-dynamic-user-${number}`
    const name = `kubernetes-dynamic-pvc-${number}`
    await execa('/usr/bin/python3', ['-I', OLD, cluster.conf, ROOT, 'kubernetes', name, user, '8388608'])
    return { path: `${ROOT}/kubernetes/${name}`, user }
  }
  const pv = (name: string, { path, user }: { path: string; user: string }, spec: object = {}) => ({
    kind: 'PersistentVolume',
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': 'ceph.com/cephfs' } },
    spec: {
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Delete',
      cephfs: { monitors: ['10.0.0.1'], path, user },
      ...spec,
    },
  })
  const one = await old(1)
  const two = await old(2)
  const outer = { path: `${ROOT}/kubernetes`, user: 'outer' }
  await cluster.addUser('outer', {
    mds: `allow rw path=${outer.path}`,
    mon: 'allow r',
    osd: 'allow rw pool=data',
  })
  const tried = (object: object) => {
    const [volume] = parseVolumeObjects(JSON.stringify(object)).volumes
    if (!volume) throw new Error('no volume')
    return importVolume(provisioner, volume)
  }

  await t.test('PersistentVolumes of one file', async t => {
    const items = [
      pv('pvc-1', one),
      pv('outer', outer),
      pv('twin', { ...two, path: `/${two.path}/` }),
      pv('pvc-2', two),
    ]
    for (const flags of [['--dry-run'], []]) {
      const { exitCode, stdout, stderr } = await run(
        ['import', '-f', '-', '--same-cluster', '--include', 'outer', ...flags],
        JSON.stringify({ kind: 'List', items }),
      )
      t.strictSame([exitCode, stdout], [1, ''], flags.join())
      t.match(
        stderr,
        `pvc-1 was not imported: ${one.path} is in ${outer.path}, the directory of the PersistentVolume outer`,
      )
      t.match(
        stderr,
        `outer was not imported: ${one.path}, the directory of the PersistentVolume pvc-1, is in ${outer.path}`,
      )
      t.match(stderr, `twin was not imported: ${two.path} is in ${outer.path}`)
    }
    t.strictSame(await listVolumes(provisioner), [], 'nothing is marked')
  })

  await t.test('marks in the cluster', async t => {
    await tried(pv('pvc-1', one))
    await t.rejects(tried(pv('outer', outer)), {
      message: new RegExp(`there are marked directories in .*: ${one.path}`),
    })
    await t.rejects(tried(pv('pvc-1', two)), {
      message: new RegExp(`${one.path} already has the mark of pvc-1`),
    })
    await t.rejects(tried(pv('other', one)), { message: /belongs to the volume "pvc-1"/ })
    const mark = (await provisioner.files.look(['kubernetes/kubernetes-dynamic-pvc-1'], [MARKER_XATTR]))[0]
    const value = (mark && 'attributes' in mark && mark.attributes[MARKER_XATTR]) || ''
    await provisioner.files.change('set', {
      path: 'kubernetes',
      name: MARKER_XATTR,
      value: value.replace('pvc-1', 'outer'),
    })
    await t.rejects(tried(pv('pvc-2', two)), {
      message: new RegExp(`is in ${outer.path}, which is marked as a volume`),
    })
    await provisioner.files.change('unset', { path: 'kubernetes', name: MARKER_XATTR })
    await tried(pv('pvc-2', two))
  })

  await t.test(
    'volumes of another cluster, file system or driver with the same directory and user',
    async t => {
      const three = await old(3)
      const flexVolume = (options: object, driver = 'cephflex/cephfs') => {
        const all = { monitors: cluster.monitors, ...three, ...options }
        return pv('pvc-3', three, { cephfs: undefined, flexVolume: { driver, options: all } })
      }
      const inTree = (monitors: string[]) => pv('pvc-3', three, { cephfs: { monitors, ...three } })
      const found = (object: object, ...flags: string[]) =>
        run(['import', '-f', '-', '--dry-run', ...flags], JSON.stringify(object))
      const others: [object, flag: string[], reason: string][] = [
        [inTree(['192.0.2.4:6789']), ['--same-cluster'], 'its monitors 192.0.2.4:6789 are not those of this'],
        [inTree([]), ['--same-cluster'], 'it names no monitors, so its cluster is not known'],
        [
          flexVolume({ monitors: '', cluster: 'far' }),
          ['--same-cluster'],
          'its cluster far is not in the configuration of this node',
        ],
        [flexVolume({ fsName: 'second' }), [], 'it is in the file system second, not cephfs (--fs-name)'],
        [
          flexVolume({}, 'vendor/gluster'),
          ['--include', 'pvc-3'],
          'its driver is vendor/gluster, not cephflex/cephfs',
        ],
      ]
      for (const [object, flags, reason] of others) {
        t.match(await found(object), { exitCode: 1, stdout: '', stderr: `pvc-3 was not imported: ${reason}` })
        if (flags.length > 0) t.match(await found(object, ...flags), { exitCode: 0, stdout: /^setfattr/ })
      }
      t.match(await found(inTree([cluster.monitors.slice(3)])), { exitCode: 0, stdout: /^setfattr/ })
      t.match(await found(flexVolume({ fsName: 'cephfs' })), { exitCode: 0, stdout: /^setfattr/ })
      await provisioner.files.change('rmdir', { path: 'kubernetes/kubernetes-dynamic-pvc-3' })
    },
  )

  await t.test('a volume that was created in another one later', async t => {
    const { volume } = await createVolume(provisioner, requestFor('web', 'directory'))
    if (!volume) throw new Error('no volume')
    const inside = await provisionerFor(t, cluster, { claimRoot: `${volume.path}/deep/apps` })
    const { volume: inner } = await createVolume(inside, requestFor('inner', 'directory'))
    const expected = {
      code: 'ENOTOURS',
      message: `nothing was deleted, because other volumes are inside: ${inner?.path}`,
    }
    await t.rejects(deleteVolume(provisioner, 'web'), expected)
    await t.rejects(deleteVolume(provisioner, 'web', { dryRun: true }), expected)
    await t.rejects(
      deleteVolume(provisioner, 'web', { onDelete: 'archive' }),
      expected,
      'its path would change',
    )
    t.match(await run(['volume', 'delete', 'web']), { exitCode: 1, stderr: /^ENOTOURS: nothing was deleted/ })
    t.match(
      await cluster.command({ prefix: 'auth get', entity: `client.${volume.user}` }),
      [{ entity: `client.${volume.user}` }],
      'the user still exists',
    )
    t.ok((await deleteVolume(inside, 'inner')).steps.length > 0)
    t.ok((await deleteVolume(provisioner, 'web')).steps.length > 0)
    t.strictSame(await namesBelow(provisioner), ['kubernetes'])
  })
})
