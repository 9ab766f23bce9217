import { execa } from 'execa'
import t from 'tap'
import { parseVolumeObjects } from '../../../src/core/migration/pv-file.js'
import { importVolume } from '../../../src/ops/migration/import.js'
import { listVolumes } from '../../../src/ops/provision/list.js'
import { createVolume, deleteVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { adminCommands, namesBelow, openFor, provisionerFor, requestFor } from '../../lab/provisioning.js'

const OLD = new URL('../../../../test/lab/old-provisioner.py', import.meta.url).pathname

type Old = { path: string; user: string }

const inTree = (name: string, { path, user }: Old) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {
    name,
    annotations: {
      cephFSProvisionerIdentity: 'ceph.com/cephfs',
      cephShare: path.split('/').at(-1),
      'pv.kubernetes.io/provisioned-by': 'ceph.com/cephfs',
    },
  },
  spec: {
    capacity: { storage: '8Mi' },
    accessModes: ['ReadWriteMany'],
    persistentVolumeReclaimPolicy: 'Delete',
    storageClassName: 'cephfs',
    claimRef: { namespace: 'apps', name: 'data' },
    cephfs: {
      monitors: ['10.0.0.1:6789'],
      path,
      user,
      secretRef: { name: `ceph-${user}-secret`, namespace: 'apps' },
    },
  },
})

const flexVolume = (name: string, { path, user }: Old) => {
  const { cephfs, ...spec } = inTree(name, { path, user }).spec
  const source = { driver: 'cephflex/cephfs', secretRef: cephfs.secretRef, options: { path, user } }
  return { ...inTree(name, { path, user }), spec: { ...spec, flexVolume: source } }
}

t.test('volumes of the old provisioner', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const provisioner = await provisionerFor(t, cluster)
  const command = adminCommands(t, node, cluster, /AQ[A-Za-z0-9+/]{20}/)
  const run = (args: string[], objects: object[] = []) =>
    command(args, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  /** In this process, since many imports are tried. */
  const tried = (object: object) => {
    const [volume] = parseVolumeObjects(JSON.stringify(object)).volumes
    if (!volume) throw new Error('no volume')
    return importVolume(provisioner, volume)
  }
  /** The volumes of this file name an address that is not the one of this cluster. */
  const importOf = (objects: object[], ...flags: string[]) =>
    run(['import', '-f', '-', '--same-cluster', ...flags], objects)
  const makeIn = async (root: string, group: string, share: string, user: string, ...more: string[]) => {
    const args = ['-I', OLD, cluster.conf, root, group, share, user, '8388608', ...more]
    const { stdout } = await execa('/usr/bin/python3', args)
    return { path: (JSON.parse(stdout) as Old).path, user }
  }
  const make = (group: string, share: string, user: string, ...more: string[]): Promise<Old> =>
    makeIn('/volumes/kubernetes', group, share, user, ...more)
  const users = async () => {
    const { auth_dump } = (await cluster.command({ prefix: 'auth ls' })) as {
      auth_dump: { entity: string }[]
    }
    return auth_dump.map(({ entity }) => entity).filter(name => /kubernetes-dynamic|k8s\./.test(name))
  }
  const readUserCaps = async (user: string) =>
    (await cluster.command({ prefix: 'auth get', entity: `client.${user}` })) as { caps: { mds: string } }[]
  const metaFiles = async () =>
    (await provisioner.files.look(['_kubernetes:kubernetes-dynamic-pvc-1.meta'], [])).map(({ kind }) => kind)

  const random = await make('kubernetes', 'kubernetes-dynamic-pvc-1', 'kubernetes-dynamic-user-1')
  const named = await make('kube-system', 'data', 'k8s.kube-system.data', '--shared-namespace')
  const pv = inTree('pvc-1', random)
  const flex = flexVolume('pvc-2', named)
  await cluster.writeFile(`${random.path}/file`, 'x')

  await t.test('nothing is changed without import, or by a dry run', async t => {
    t.strictSame((await deleteVolume(provisioner, 'pvc-1')).steps, [], 'the volume is unknown')
    const dry = await importOf([pv, flex], '--dry-run')
    t.match(dry, { exitCode: 0, stdout: /^setfattr -n user\.cephflex\.volume .*kubernetes-dynamic-pvc-1\n/ })
    t.match(dry.stderr, 'may read the names of every file ("allow r"); --repair restricts it')
    t.match(
      dry.stderr,
      /note: pvc-2: its StorageClass cephfs is not in the file, so there are no kubectl .*--admin-secret NAMESPACE\/NAME/,
    )
    t.match(await importOf([pv], '--dry-run', '--admin-secret', 'admin'), {
      exitCode: 1,
      stderr: /NAMESPACE\/NAME/,
    })
    t.strictSame(await listVolumes(provisioner), [])
  })

  await t.test('a user of more than this volume is refused, with the reason', async t => {
    const other = await make('kubernetes', 'kubernetes-dynamic-pvc-3', 'kubernetes-dynamic-user-3')
    const refused: [changes: object, reason: RegExp][] = [
      [{ mds: `allow r,allow rw path=${other.path},allow rw path=/other` }, /also cover \/other/],
      [{ mds: 'allow rw' }, /also cover everything/],
      [{ mds: 'allow r' }, /do not name/],
      [{ mds: `allow rwp path=${other.path}` }, /more than reading and writing/],
      [{ osd: 'allow rw pool=data' }, /osd caps .* not limited to the data of the directory/],
      [{ mon: 'allow *' }, /mon caps are "allow \*"/],
      [{ mgr: 'allow r' }, /also has mgr caps/],
    ]
    const [{ caps } = { caps: { mds: '' } }] = await readUserCaps(other.user)
    for (const [changes, reason] of refused) {
      const wide = Object.entries({ ...caps, ...changes }).flat()
      await cluster.command({ prefix: 'auth caps', entity: `client.${other.user}`, caps: wide })
      await t.rejects(tried(inTree('pvc-3', other)), { code: 'ENOTOURS', message: reason })
    }
    await cluster.mkdir('/elsewhere/x')
    const elsewhere: [old: Old, reason: RegExp][] = [
      [{ path: '/elsewhere/x', user: other.user }, /is not below \/volumes\/kubernetes/],
      [{ path: '/volumes/kubernetes', user: other.user }, /is not below/],
      [{ path: '/volumes/kubernetes/a/b/c', user: other.user }, /more than two directories/],
      [{ path: '/volumes/kubernetes/kubernetes/gone', user: other.user }, /no directory/],
      [{ path: other.path, user: 'gone' }, /no user client\.gone/],
      [{ path: other.path, user: 'admin' }, /not dedicated to this volume/],
      [{ path: random.path, user: named.user }, /also cover/],
    ]
    for (const [old, reason] of elsewhere) await t.rejects(tried(inTree('pvc-3', old)), { message: reason })
    t.match(
      await importOf([inTree('pvc-3', { path: '/elsewhere/x', user: other.user })]),
      { exitCode: 1, stderr: /^ENOTOURS: pvc-3 was not imported: .*\n {2}hint: .*claim-root/, stdout: '' },
      'the command reports it',
    )
    t.strictSame(await listVolumes(provisioner), [], 'no directory was marked')
    t.match(await importOf([]), {
      exitCode: 1,
      stderr: /^EBADREQUEST: the file contains no PersistentVolume/,
    })
    await cluster.command({ prefix: 'auth rm', entity: `client.${other.user}` })
    await provisioner.files.change('rmdir', { path: 'kubernetes/kubernetes-dynamic-pvc-3' })
  })

  await t.test('import, expand, delete: nothing is left', async t => {
    const done = await importOf([pv, flex], '--admin-secret', 'cephflex/ceph-admin')
    t.match(done, { exitCode: 0 })
    t.match(done.stdout, '"adminSecretName":"ceph-admin","adminSecretNamespace":"cephflex"')
    t.match(
      done.stdout,
      "kubectl annotate --overwrite pv pvc-1 pv.kubernetes.io/provisioned-by='ceph.com/cephfs'",
    )
    t.match(
      done.stdout,
      'kubectl annotate --overwrite secret -n apps ceph-kubernetes-dynamic-user-1-secret cephflex/volume=pvc-1',
    )
    t.match(await importOf([pv]), { exitCode: 0, stdout: '# pvc-1: already imported' }, 'again, no kubectl')
    await t.rejects(tried({ ...pv, metadata: { ...pv.metadata, name: 'pvc-9' } }), {
      code: 'ENOTOURS',
      message: /belongs to the volume "pvc-1"/,
    })
    t.match((await readUserCaps(random.user))[0]?.caps.mds, /^allow r,allow rw path=/, 'no caps were changed')
    t.match(JSON.parse((await run(['volume', 'list', '--json'])).stdout), [
      { pv: 'pvc-1', path: random.path, user: random.user, sizeBytes: 8388608 },
      { pv: 'pvc-2', path: named.path, user: named.user },
    ])
    t.match(await run(['volume', 'expand', 'pvc-1', '--size', '16Mi']), { stdout: 'pvc-1 now has 16Mi' })
    t.match(await importOf([pv], '--repair'), { exitCode: 0 })
    t.equal(
      (await readUserCaps(random.user))[0]?.caps.mds,
      `allow rw fsname=cephfs path="${random.path}"`,
      'repaired',
    )
    t.match(await run(['volume', 'lint', random.user]), { stdout: /no problems found/, exitCode: 0 })

    t.strictSame(await metaFiles(), ['other'])
    for (const name of ['pvc-1', 'pvc-2'])
      t.match(await run(['volume', 'delete', name]), { stdout: `${name} was deleted`, exitCode: 0 })
    t.strictSame(await users(), [], 'no user')
    t.strictSame(await metaFiles(), ['missing'], 'no file of the old library')
    t.strictSame(await namesBelow(provisioner, 'kubernetes'), [], 'no directory')
    t.strictSame(await namesBelow(provisioner, 'kube-system'), [])
    t.match(await run(['volume', 'delete', 'pvc-1']), { stdout: 'pvc-1 does not exist' })
  })

  await t.test('a deletion that was killed after the rename is completed', async t => {
    const old = await make('kubernetes', 'kubernetes-dynamic-pvc-1', 'kubernetes-dynamic-user-1')
    await tried(inTree('pvc-1', old))
    const dying = await openFor(cluster)
    const cut = { ...dying, files: { ...dying.files, purge: () => Promise.reject(new Error('killed')) } }
    await t.rejects(deleteVolume(cut, 'pvc-1'), { message: 'killed' })
    await dying.close()
    t.match(
      (await deleteVolume(provisioner, 'pvc-1')).steps.map(step => step.do),
      ['purge'],
    )
    t.strictSame(await namesBelow(provisioner, 'kubernetes'), [])
    t.strictSame(await users(), [])
  })

  await t.test('volumes of its first versions, one level higher', async t => {
    const user = 'kubernetes-dynamic-user-5'
    const old = await makeIn('/volumes', 'kubernetes', 'kubernetes-dynamic-pvc-5', user)
    const top = await provisionerFor(t, cluster, { claimRoot: '/volumes' })
    const meta = async () =>
      (await top.files.look(['_kubernetes:kubernetes-dynamic-pvc-5.meta'], [])).map(({ kind }) => kind)
    const flags = ['--claim-root', '/volumes']
    const done = await importOf([inTree('pvc-5', old)], ...flags, '--admin-secret', 'cephflex/ceph-admin')
    t.match(done, { exitCode: 0, stdout: /"claimRoot":"\/volumes"/ })
    t.match(JSON.parse((await run(['volume', 'list', '--json', ...flags])).stdout), [
      { pv: 'pvc-5', path: old.path, user },
    ])
    await top.openRoot(false)
    t.strictSame(await meta(), ['other'])
    t.match(await run(['volume', 'delete', 'pvc-5', ...flags]), { stdout: 'pvc-5 was deleted', exitCode: 0 })
    t.strictSame(await meta(), ['missing'], 'its file next to the group is removed')
    t.strictSame(await users(), [])
    t.notOk((await namesBelow(provisioner)).includes('kubernetes-dynamic-pvc-5'))
  })

  await t.test('volumes of this program work next to them', async t => {
    await createVolume(provisioner, requestFor('own', 'directory'))
    await deleteVolume(provisioner, 'own')
    t.strictSame(await namesBelow(provisioner), ['kube-system', 'kubernetes'])
  })
  t.strictSame(node.leftovers(), { mounts: [], files: [], processes: [] })
})
