import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { MARKER_XATTR, type Marker, parseMarker } from '../../../src/core/provision/marker.js'
import { volumeNames } from '../../../src/core/provision/names.js'
import { listVolumes } from '../../../src/ops/provision/list.js'
import { purgeKept } from '../../../src/ops/provision/purge.js'
import { restoreKept } from '../../../src/ops/provision/restore.js'
import { createVolume, deleteVolume, expandVolume, showVolume } from '../../../src/ops/provision/volumes.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import {
  adminCommands,
  BACKENDS,
  MIB,
  namesBelow,
  provisionerFor,
  requestFor,
  volumeUsers,
} from '../../lab/provisioning.js'
import { base64 } from '../../support/volumes.js'

type Item = { kind: string; metadata: { name: string }; data: { key: string } } & {
  spec: { flexVolume: { options: Record<string, string>; secretRef: { name: string } } }
}

t.test('kept data', async t => {
  const cluster = await startCluster(t, { mgr: true })
  const node = makeNode(t)
  // this mount of the admin acts for pods, and creates snapshots
  const root = node.target('root')
  const whole = {
    monitors: cluster.monitors,
    path: '/',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  t.strictSame((await node.mount(root, whole)).reply, { status: 'Success' })
  const command = adminCommands(t, node, cluster, cluster.adminKey)

  for (const backend of BACKENDS)
    await t.test(backend, async t => {
      const claimRoot = `/volumes/${backend}`
      const run = (...args: string[]) =>
        command(['volume', ...args, '--claim-root', claimRoot, '--backend', backend])
      const provisioner = await provisionerFor(t, cluster, { backend, claimRoot })
      /** A volume with a file, whose data is kept. @returns the path of what is kept. */
      const keep = async (pv: string, onDelete: 'archive' | 'retain' = 'archive') => {
        const { volume } = await createVolume(provisioner, requestFor(pv, backend))
        writeFileSync(`${root}${volume?.path}/file`, `of ${pv}`)
        await deleteVolume(provisioner, pv, { onDelete })
        const all = await listVolumes(provisioner)
        const { share } = all.find(({ marker }) => marker.pv === pv && marker.kept === onDelete) ?? {}
        return `${claimRoot}/${share}`
      }
      /** Mounts a volume as the kubelet would, with what `volume show --kubernetes` prints. */
      const mounted = async (t: Test, pv: string) => {
        const { stdout } = await command([
          ...['volume', 'show', pv, '--kubernetes', '--json', '--claim-root', claimRoot],
        ])
        const { items } = JSON.parse(stdout) as { items: Item[] }
        const [secret, volume] = items as [Item, Item]
        t.equal(volume.spec.flexVolume.secretRef.name, secret.metadata.name)
        const target = node.target(`${backend}-${pv}`)
        const options = { ...volume.spec.flexVolume.options, monitors: cluster.monitors }
        const call = { ...options, 'kubernetes.io/secret/key': secret.data.key }
        t.strictSame((await node.mount(target, call)).reply, { status: 'Success' }, `${pv} is mounted`)
        return target
      }

      await t.test('is deleted by purge', async t => {
        const kept = await keep('old')
        t.match((await run('list')).stdout, new RegExp(`^old .*${kept}.*\\(archive\\)$`))
        const dry = await run('purge', 'old', '--dry-run')
        t.match(dry, { exitCode: 0, stdout: /^mv \S+archived_\S+ \S+\nremove \S+ and everything in it$/ })
        t.equal((await namesBelow(provisioner)).length, 1, 'a dry run changes nothing')
        t.match(await run('purge', 'old'), { exitCode: 0, stdout: `${kept} was deleted` })
        t.match(await run('purge', 'old'), { exitCode: 0, stdout: 'old does not exist' })
        t.match(await run('purge', kept), { exitCode: 0, stdout: `${kept} does not exist` })
        const retained = await keep('old', 'retain')
        t.match(await run('purge', 'old'), { exitCode: 0, stdout: `${retained} was deleted` })
        t.strictSame(await namesBelow(provisioner), [])
      })

      await t.test('becomes a volume again', async t => {
        const kept = await keep('web')
        const dry = await run('restore', 'web', '--as', 'web2', '--dry-run')
        t.match(dry, {
          exitCode: 0,
          stdout: /\nmv \S+archived_\S+ \S+\n(.*\n)*.*client\.kubernetes_dynamic_user_/,
        })
        t.strictSame(await volumeUsers(cluster), [], 'a dry run changes nothing')
        const names = volumeNames('web2', backend)
        const path = `${claimRoot}/${names.share}`
        const done = await run('restore', kept, '--as', 'web2')
        t.match(done, { exitCode: 0, stdout: `web2: 8Mi in ${path}, for client.${names.user}` })
        t.match(await run('lint', names.user), { exitCode: 0, stdout: /no problems found\n {2}\/volumes\// })
        t.match(await cluster.command({ prefix: 'auth get', entity: `client.${names.user}` }), [
          {
            caps: { mds: `allow rw fsname=cephfs path="${path}"`, osd: /^allow rw pool=data namespace=\S+$/ },
          },
        ])
        const target = await mounted(t, 'web2')
        t.equal(readFileSync(`${target}/file`, 'utf8'), 'of web')
        writeFileSync(`${target}/new`, 'x')
        t.equal(readFileSync(`${root}${path}/new`, 'utf8'), 'x')
        t.match((await execa('df', ['--output=size', '-BM', target])).stdout, /\b8M/, 'with its quota')
        for (const reference of ['web', kept])
          t.strictSame(
            (await restoreKept(provisioner, reference, 'web2')).steps,
            [],
            'again: nothing is done',
          )
        t.strictSame((await createVolume(provisioner, requestFor('web2', backend))).steps, [], 'it exists')
        await expandVolume(provisioner, 'web2', 16n * MIB)
        t.match(await showVolume(provisioner, 'web2'), { sizeBytes: 16n * MIB, path })
        await execa('umount', ['-l', target])

        await deleteVolume(provisioner, 'web2', { onDelete: 'archive' })
        const larger = { sizeBytes: 32n * MIB, readOnly: true }
        const { volume } = await restoreKept(provisioner, 'web2', 'web3', larger)
        t.match(volume, { ...larger, pv: 'web3' }, 'again, with another size and access')
        t.equal(readFileSync(`${root}${volume?.path}/new`, 'utf8'), 'x')
        await t.rejects(restoreKept(provisioner, 'web2', 'web3', { sizeBytes: MIB }), { code: 'ESHRINK' })
        await deleteVolume(provisioner, 'web3')
        t.strictSame([await namesBelow(provisioner), await volumeUsers(cluster)], [[], []])
      })

      await t.test('is given back under its own name, and to a claim', async t => {
        await keep('back', 'retain')
        const { volume } = await restoreKept(provisioner, 'back', 'back')
        t.match(volume, { pv: 'back', backend, sizeBytes: 8n * MIB }, 'it stays where it is')
        t.strictSame((await restoreKept(provisioner, 'back', 'back')).steps, [])
        const target = await mounted(t, 'back')
        t.equal(readFileSync(`${target}/file`, 'utf8'), 'of back')
        await execa('umount', ['-l', target])
        await deleteVolume(provisioner, 'back', { onDelete: 'retain' })
        const claim = { namespace: 'apps', name: 'data' }
        const claimed = await restoreKept(provisioner, 'back', 'pvc-1', { claim })
        t.match(claimed.volume, { path: `${claimRoot}/apps/data`, user: 'k8s.apps.data' })
        t.equal(readFileSync(`${root}${claimed.volume?.path}/file`, 'utf8'), 'of back')
        t.match(await showVolume(provisioner, 'pvc-1', { claim }), claimed.volume)
        await deleteVolume(provisioner, 'pvc-1', { claim, onDelete: 'archive' })
        const { volume: last } = await restoreKept(provisioner, 'pvc-1', 'pvc-2')
        t.equal(last?.path, `${claimRoot}/${volumeNames('pvc-2', backend).share}`, 'out of the namespace')
        await deleteVolume(provisioner, 'pvc-2')
        t.strictSame([await namesBelow(provisioner), await volumeUsers(cluster)], [['apps'], []])
      })

      await t.test('is refused', async t => {
        const both = async (kept: string, expected: { code: string; message?: RegExp }) => {
          await t.rejects(purgeKept(provisioner, kept), expected, `purge ${kept}`)
          await t.rejects(purgeKept(provisioner, kept, { dryRun: true }), expected)
          await t.rejects(restoreKept(provisioner, kept, 'other'), expected, `restore ${kept}`)
        }
        const { volume: live } = await createVolume(provisioner, requestFor('live', backend))
        const livePath = `${claimRoot}/${volumeNames('live', backend).share}`
        await both('live', { code: 'ENOTOURS', message: /is not kept data, but the volume live/ })
        await both(livePath, { code: 'ENOTOURS', message: /is not kept data, but the volume live/ })
        await both('/elsewhere/x', { code: 'EBADVOLUME', message: /is not below/ })
        await both(`${claimRoot}/../x`, { code: 'EBADVOLUME' })
        mkdirSync(`${root}${claimRoot}/archived_20260101T000000_foreign`)
        await both('archived_20260101T000000_foreign', {
          code: 'ENOTOURS',
          message: /is not marked as kept data/,
        })
        rmdirSync(`${root}${claimRoot}/archived_20260101T000000_foreign`)
        await t.rejects(restoreKept(provisioner, 'nothing', 'other'), { code: 'ENOVOLUME' })

        const first = await keep('twice')
        // an archive of another time
        const one = first.replace(/archived_\d{8}/, 'archived_20260101')
        const [old = '', earlier = ''] = [first, one].map(each => each.slice(claimRoot.length + 1))
        await provisioner.files.change('rename', { old, new: earlier })
        await keep('twice')
        await both('twice', { code: 'ENOTOURS', message: new RegExp(`several directories .*${one}`) })
        await t.rejects(restoreKept(provisioner, one, 'live'), {
          code: 'ENOTOURS',
          message: /already exists/,
        })
        t.match((await purgeKept(provisioner, one)).path, one, 'a path names exactly one')
        const [two] = (await listVolumes(provisioner)).filter(({ marker }) => marker.kept)
        const data = two?.path ?? ''

        mkdirSync(`${root}${data}/deep/er`, { recursive: true })
        await execa('setfattr', ['-n', MARKER_XATTR, '-v', '{}', `${root}${data}/deep/er`])
        await both('twice', { code: 'ENOTOURS', message: /other volumes are inside: .*\/deep\/er$/ })
        await execa('setfattr', ['-x', MARKER_XATTR, `${root}${data}/deep/er`])
        const snapshot = `${root}${claimRoot}/${two?.share}/.snap/daily`
        mkdirSync(snapshot)
        const snapshots = { code: 'ESNAPSHOTS', message: /\.snap\/daily$/, hint: /"rmdir / }
        await t.rejects(purgeKept(provisioner, 'twice'), snapshots)
        if (backend === 'subvolume') await t.rejects(restoreKept(provisioner, 'twice', 'other'), snapshots)
        rmdirSync(snapshot)
        const user = { mon: 'allow r', mds: `allow rw path=${data}`, osd: 'allow rw pool=data' }
        await cluster.addUser('byhand', user)
        await both('twice', { code: 'ENOTOURS', message: /is not kept data: client\.byhand has caps for it/ })
        await cluster.command({ prefix: 'auth rm', entity: 'client.byhand' })
        t.equal(readFileSync(`${root}${data}/file`, 'utf8'), 'of twice', 'the data is unchanged')
        t.strictSame(await volumeUsers(cluster), [`client.${live?.user}`], 'and so are the users')

        await purgeKept(provisioner, data)
        await deleteVolume(provisioner, 'live')
        t.strictSame(await namesBelow(provisioner), ['apps'])
      })
    })

  await t.test('a mark that a pod wrote', async t => {
    const provisioner = await provisionerFor(t, cluster, { backend: 'directory', claimRoot: '/forged' })
    const claim = { namespace: 'apps', name: 'own' }
    const names = volumeNames('own', 'directory', claim)
    const { volume } = await createVolume(provisioner, { ...requestFor('own', 'directory'), names })
    const path = volume?.path ?? ''
    writeFileSync(`${root}${path}/file`, 'x')
    const [info] = await provisioner.files.look(['apps/own'], [MARKER_XATTR])
    const text = info?.kind === 'directory' ? info.attributes[MARKER_XATTR] : undefined
    const mark = parseMarker(text ?? undefined) as Marker
    const from = { pv: 'victim', share: 'archived_20260101T000000_victim' }
    const refusedFor = async (kept: string, message: string) => {
      await purgeKept(provisioner, kept).catch(({ code }) => t.equal(code, 'ENOTOURS', message))
      await t.rejects(restoreKept(provisioner, kept, 'other'), { code: /^(ENOTOURS|ENOVOLUME)$/ }, message)
    }
    for (const changes of [
      { kept: 'retain' },
      { kept: 'retain', user: 'nobody' },
      { kept: 'archive', user: 'nobody' },
      { kept: 'retain', user: 'nobody', backend: 'subvolume' },
      { kept: 'archive', user: 'nobody', pv: 'victim', from, to: 'other' },
      { pv: 'victim', from },
    ]) {
      const value = JSON.stringify({ ...mark, ...changes })
      await execa('setfattr', ['-n', MARKER_XATTR, '-v', value, `${root}${path}`])
      for (const kept of [path, 'own', 'victim']) await refusedFor(kept, `${kept}: ${value}`)
      await t.rejects(purgeKept(provisioner, path), { code: 'ENOTOURS' })
      t.equal(readFileSync(`${root}${path}/file`, 'utf8'), 'x', 'the volume is unchanged')
    }
    t.strictSame(await volumeUsers(cluster), ['client.k8s.apps.own'], 'no user was created')
  })
})
