import { readFileSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { secretManifest, volumeManifest } from '../../../src/core/provision/kubernetes.js'
import { volumeNames } from '../../../src/core/provision/names.js'
import { lintUser } from '../../../src/ops/provision/lint.js'
import { listVolumes } from '../../../src/ops/provision/list.js'
import { readVolumeKey } from '../../../src/ops/provision/users.js'
import { createVolume, deleteVolume, expandVolume, showVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import {
  BACKENDS,
  lintSessionFor,
  MIB,
  namesBelow,
  provisionerFor,
  requestFor,
  volumeUsers,
} from '../../lab/provisioning.js'

t.test('both backends', async t => {
  const cluster = await startCluster(t, { mgr: true })
  const node = makeNode(t)

  for (const backend of BACKENDS)
    await t.test(backend, async t => {
      const provisioner = await provisionerFor(t, cluster, { backend, claimRoot: `/volumes/${backend}` })
      const request = requestFor('pvc-0b8a2c4e-1111-4222-8333-123456789abc', backend)
      const { pv } = request
      const { volume, steps } = await createVolume(provisioner, request)
      if (!volume) throw new Error('no volume')
      t.ok(steps.length > 4)
      t.match(volume, { pv, backend, sizeBytes: 8n * MIB, pool: 'data' })
      t.strictSame(await createVolume(provisioner, request), { steps: [], volume }, 'again: nothing is done')
      t.strictSame(await showVolume(provisioner, pv), volume)
      t.match(await listVolumes(provisioner), [{ path: volume.path, sizeBytes: 8n * MIB, marker: { pv } }])
      const report = await lintUser(
        await lintSessionFor(t, cluster, { backend, claimRoot: `/volumes/${backend}` }),
        volume.user,
      )
      t.strictSame([report.findings, report.covers], [[], [volume.path]], 'lint has no findings')
      t.strictSame(
        await createVolume(provisioner, { ...requestFor('other', backend) }, { dryRun: true }).then(
          ({ steps }) => steps.length > 3,
        ),
        true,
      )
      t.strictSame(await volumeUsers(cluster), [`client.${volume.user}`], 'a dry run changes nothing')

      // the real driver mounts the volume of the manifests
      const options = { monitors: cluster.monitors }
      const manifest = volumeManifest(volume, options, 'default')
      const secret = secretManifest(volume, await readVolumeKey(provisioner, volume), 'default')
      t.equal(manifest.spec.flexVolume.secretRef.name, secret.metadata.name)
      const target = node.target(backend)
      const call = { ...manifest.spec.flexVolume.options, 'kubernetes.io/secret/key': secret.data.key }
      t.strictSame((await node.mount(target, call)).reply, { status: 'Success' })
      const write = (mib: number) =>
        execa('dd', ['if=/dev/zero', `of=${target}/file`, 'bs=1M', `count=${mib}`, 'conv=fsync'], {
          reject: false,
          env: { LC_ALL: 'C' },
        })
      t.match(await write(4), { exitCode: 0 }, 'a small file fits')
      t.match((await write(64)).stderr, /Disk quota exceeded/, 'a large one does not')
      t.match((await execa('df', ['--output=size', '-BM', target])).stdout, /\b8M/, 'df shows the quota')
      t.not(
        (await execa('setfattr', ['-n', 'ceph.quota.max_bytes', '-v', '0', target], { reject: false }))
          .exitCode,
        0,
        'the user cannot change the quota',
      )
      await expandVolume(provisioner, pv, 128n * MIB)
      await execa('rm', [`${target}/file`])
      t.match(await write(24), { exitCode: 0 }, 'it was expanded while mounted')
      t.equal((await showVolume(provisioner, pv)).sizeBytes, 128n * MIB)
      await t.rejects(expandVolume(provisioner, pv, MIB), { code: 'ESHRINK' })
      writeFileSync(`${target}/kept`, 'x')

      await deleteVolume(provisioner, pv)
      // the manager purges its own trash later
      if (backend === 'directory')
        t.throws(() => readFileSync(`${target}/kept`), 'a pod that has it mounted loses the data')
      await execa('umount', ['-l', target])
      t.strictSame(await volumeUsers(cluster), [], 'no user is left')
      t.strictSame(await namesBelow(provisioner), [], 'no directory is left')
      t.strictSame((await deleteVolume(provisioner, pv)).steps, [], 'a second delete does nothing')
      await t.rejects(showVolume(provisioner, pv), { code: 'ENOVOLUME' })
    })

  await t.test('volumes and users of others', async t => {
    for (const backend of BACKENDS) {
      const claimRoot = `/volumes/f${backend}`
      const provisioner = await provisionerFor(t, cluster, { backend, claimRoot })
      const request = requestFor('foreign', backend)
      const { share, user } = request.names
      await cluster.mkdir(`${claimRoot}/${share}`)
      await cluster.writeFile(`${claimRoot}/${share}/precious`, 'x')
      await t.rejects(
        createVolume(provisioner, request),
        { code: 'ENOTOURS' },
        `${backend}: a directory is not adopted`,
      )
      await t.rejects(deleteVolume(provisioner, 'foreign'), { code: 'ENOTOURS' }, 'and not removed')
      t.ok((await namesBelow(provisioner)).includes(share))
      const other = requestFor('taken', backend)
      const key = await cluster.addUser(other.names.user, {
        mon: 'allow r',
        mds: 'allow rw',
        osd: 'allow rw',
      })
      await t.rejects(createVolume(provisioner, other), { code: 'ENOTOURS' }, 'a user is not adopted')
      t.match(await cluster.command({ prefix: 'auth get', entity: `client.${other.names.user}` }), [
        { key, caps: { mds: 'allow rw' } },
      ])
      await t.rejects(deleteVolume(provisioner, 'taken'), { code: 'ENOTOURS' }, 'and not removed')
      await cluster.command({ prefix: 'auth rm', entity: `client.${other.names.user}` })
      t.notOk((await volumeUsers(cluster)).includes(`client.${user}`))
    }
  })

  await t.test('deterministic names, and data that is kept', async t => {
    for (const backend of BACKENDS) {
      const provisioner = await provisionerFor(t, cluster, { backend, claimRoot: `/volumes/d${backend}` })
      const claim = { namespace: 'kube-system', name: 'my-data' }
      const request = { ...requestFor('pvc-1', backend), names: volumeNames('pvc-1', backend, claim) }
      const { volume } = await createVolume(provisioner, request)
      t.equal(volume?.user, 'k8s.kube_system.my_data')
      t.match(
        await showVolume(provisioner, 'pvc-1'),
        { pv: 'pvc-1', path: volume?.path },
        'found by its marker',
      )
      await t.rejects(
        createVolume(provisioner, { ...request, pv: 'pvc-2' }),
        { code: 'ENOTOURS' },
        'a name has one volume',
      )
      t.strictSame(
        (await deleteVolume(provisioner, 'pvc-2', { claim })).steps,
        [],
        'the other volume is left alone',
      )
      await deleteVolume(provisioner, 'pvc-1', { onDelete: 'archive' })
      t.strictSame(await volumeUsers(cluster), [])
      t.match(
        await listVolumes(provisioner),
        [{ marker: { pv: 'pvc-1', kept: 'archive' } }],
        'the data is kept',
      )
      t.strictSame((await deleteVolume(provisioner, 'pvc-1')).steps, [], 'and is not deleted later')
      const { path = '' } = await showVolume(provisioner, 'pvc-1')
      t.match(path, /\/archived_\d{8}T\d{6}_/)
      const again = await createVolume(provisioner, { ...request, pv: 'pvc-2' })
      t.match(again.volume, { sizeBytes: request.sizeBytes }, 'the name can be used again')
      t.ok(again.volume?.path !== path && !again.volume?.path.includes('archived_'))
      t.strictSame(
        (await deleteVolume(provisioner, 'pvc-1')).steps,
        [],
        'the new user is not that of the old',
      )
      t.ok((await deleteVolume(provisioner, 'pvc-2', { claim })).steps.length >= 2)
      t.match(await listVolumes(provisioner), [{ path, marker: { pv: 'pvc-1' } }])
    }
  })

  await t.test('a read-only volume', async t => {
    const provisioner = await provisionerFor(t, cluster, { claimRoot: '/volumes/ro' })
    const { volume } = await createVolume(
      provisioner,
      requestFor('ro', provisioner.cluster.backend, { readOnly: true }),
    )
    const caps = (await cluster.command({ prefix: 'auth get', entity: `client.${volume?.user}` })) as {
      caps: { mds: string }
    }[]
    t.match(caps, [{ caps: { mds: /^allow r fsname=cephfs path="/, osd: /^allow r pool=data/ } }])
  })
})

t.test('without a manager', async t => {
  const cluster = await startCluster(t)
  const provisioner = await provisionerFor(t, cluster)
  t.equal(provisioner.cluster.backend, 'directory', 'chosen because there is no manager')
  await t.rejects(provisionerFor(t, cluster, { backend: 'subvolume' }), {
    code: 'EPROVISION',
    message: /manager/,
  })
  await t.rejects(provisionerFor(t, cluster, { fsName: 'none' }), { code: 'ENOFS' })
  await t.rejects(provisionerFor(t, cluster, { user: 'nobody' }), { code: 'EREFUSED' })
})
