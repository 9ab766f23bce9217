// Volumes of a Kubernetes namespace that share one Ceph user (userPer: namespace).
import { readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { MARKER_XATTR } from '../../../src/core/provision/marker.js'
import { tenantVolumeNames } from '../../../src/core/provision/names.js'
import { tenantFor } from '../../../src/core/provision/tenant.js'
import { removeTenant } from '../../../src/ops/provision/tenants.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { adminCommands, namesBelow, provisionerFor, volumeUsers } from '../../lab/provisioning.js'
import { base64 } from '../../support/volumes.js'

type Listed = { pv: string; path: string; user: string; sizeBytes: number; kept?: string; problem?: string }
type Item = { kind: string; metadata: { name: string }; data: { key: string } } & {
  spec: { flexVolume: { options: Record<string, string> } }
}

const TEAM = '3f0c7a52-0d4e-4b8f-9a64-1d2e3f405162'
const OTHERS = '3f0c7a52-0d4e-4b8f-9a64-1d2e3f405163'

t.test('volumes that share the user of their namespace', async t => {
  const cluster = await startCluster(t, { mgr: true, secondFs: true })
  const node = makeNode(t)
  const provisioner = await provisionerFor(t, cluster, { backend: 'directory' })
  const { claimRoot } = provisioner.cluster
  const tenant = tenantFor(TEAM, provisioner.cluster, undefined)
  const above = `${claimRoot}/${tenant.directory}`
  const command = adminCommands(t, node, cluster, cluster.adminKey)
  const run = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await command(['volume', ...args])
    t.equal(exitCode, 0, `${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const refused = async (pattern: RegExp, ...args: string[]) =>
    t.match(await command(['volume', ...args]), { exitCode: 1, stderr: pattern }, args.join(' '))
  const create = (pv: string, namespace = TEAM, ...more: string[]) =>
    run('create', pv, '--size', '8Mi', '--namespace', namespace, ...more)
  const list = async () => JSON.parse(await run('list', '--json')) as Listed[]
  const find = async (pv: string) => (await list()).find(each => each.pv === pv) as Listed
  const objectsOf = async (pv: string) => {
    const { items } = JSON.parse(await run('show', pv, '--kubernetes', '--json')) as { items: Item[] }
    const [secret, volume] = ['Secret', 'PersistentVolume'].map(kind =>
      items.find(each => each.kind === kind),
    )
    return { secret: secret as Item, options: (volume as Item).spec.flexVolume.options }
  }
  /** Mounts as the kubelet does. */
  const mount = async (pv: string, changes: Record<string, string> = {}) => {
    const { secret, options } = await objectsOf(pv)
    const target = node.target(`${pv}${changes['path']?.length ?? ''}`)
    const call = { ...options, 'kubernetes.io/secret/key': secret.data.key, ...changes }
    const { status, message = '' } = (await node.mount(target, call)).reply as {
      status: string
      message?: string
    }
    return { target, status, message }
  }
  const whole = node.target('root')
  const admin = {
    monitors: cluster.monitors,
    path: '/',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  t.strictSame((await node.mount(whole, admin)).reply, { status: 'Success' })

  await t.test(
    'one directory, one user, one Secret; a volume of another namespace is out of reach',
    async t => {
      await create('web')
      await create('shop')
      await create('foreign', OTHERS)
      const again = await command(['volume', 'create', 'web', '--size', '8Mi', '--namespace', TEAM, '--json'])
      t.match(JSON.parse(again.stdout), { steps: [] }, 'again: nothing is done')
      const [web, shop, foreign] = [await find('web'), await find('shop'), await find('foreign')]
      t.equal(web.path, `${claimRoot}/${tenantVolumeNames('web', tenant).share}`)
      t.ok(shop.path.startsWith(`${above}/`))
      t.equal(web.user, shop.user)
      t.not(web.user, foreign.user)
      t.notMatch(`${web.path}${web.user}`, '-', 'an MDS of release 10.1 can parse it')
      t.equal((await volumeUsers(cluster)).length, 2)
      t.strictSame(
        (await list()).map(({ problem }) => problem),
        [undefined, undefined, undefined],
      )
      t.equal((await objectsOf('web')).secret.metadata.name, (await objectsOf('shop')).secret.metadata.name)
      const [user] = (await cluster.command({ prefix: 'auth get', entity: `client.${web.user}` })) as [
        { caps: object },
      ]
      t.strictSame(user.caps, {
        mds: `allow rw fsname=cephfs path="${above}"`,
        mon: 'allow r',
        osd: `allow rw pool=data namespace=${tenant.namespace}`,
      })
      for (const pv of ['web', 'shop']) {
        const { target, status } = await mount(pv)
        t.equal(status, 'Success')
        writeFileSync(`${target}/file`, pv)
      }
      t.match(await mount('web', { path: foreign.path }), { status: 'Failure' }, 'the key does not fit')
      t.match(await mount('web', { path: claimRoot }), { status: 'Failure' })
      const own = await mount('web', { path: above })
      t.equal(own.status, 'Success', 'the key is that of the namespace')
      const { stderr } = await execa(
        'dd',
        ['if=/dev/zero', `of=${own.target}/x`, 'bs=1', 'conv=fsync', 'count=1'],
        {
          reject: false,
          env: { LC_ALL: 'C' },
        },
      )
      t.match(stderr, /not permitted/, 'outside of the volumes it cannot write: there is no quota')
      unlinkSync(`${own.target}/x`)
      await node.unmount(own.target)
    },
  )

  await t.test('lint accepts exactly these caps', async t => {
    const [web, foreign] = [await find('web'), await find('foreign')]
    t.match(await run('lint', web.user), `${web.user}: no problems found`)
    t.match(await run('lint', web.user, '--path', web.path), `${web.user}: no problems found`)
    t.match(
      await command(['volume', 'lint', web.user, '--path', foreign.path]),
      { exitCode: 1 },
      'it is not the user of another namespace',
    )
    const caps = (directory: string, namespace: string) => ({
      mds: `allow rw path="${directory}"`,
      mon: 'allow r',
      osd: `allow rw pool=data namespace=${namespace}`,
    })
    await cluster.addUser('wide', caps(claimRoot, tenant.namespace))
    t.match(await run('lint', 'wide', '--path', web.path), /lets the user change files outside of/)
    await cluster.addUser('neighbour', caps(above, tenant.namespace))
    t.match(
      await run('lint', 'neighbour', '--path', web.path),
      /outside of/,
      'another user of this directory',
    )
    await cluster.addUser('mixed', caps(above, `${tenant.namespace}x`))
    t.match(await command(['volume', 'lint', 'mixed']), { exitCode: 1, stdout: /is for the namespace/ })
    for (const user of ['wide', 'neighbour', 'mixed'])
      await cluster.command({ prefix: 'auth rm', entity: `client.${user}` })
  })

  await t.test('expand, and delete one: the others keep their user', async t => {
    await run('expand', 'shop', '--size', '16Mi')
    t.equal((await find('shop')).sizeBytes, 16 * 1024 ** 2)
    await create('old')
    const [web, old] = [await mount('web'), await mount('old')]
    writeFileSync(`${old.target}/file`, 'old')
    await run('delete', 'old')
    t.throws(
      () => writeFileSync(`${old.target}/late`, 'x'),
      /EACCES|EPERM|ENOENT/,
      'its pods lose it at once',
    )
    writeFileSync(`${web.target}/more`, 'x')
    t.equal((await mount('shop')).status, 'Success')
    t.strictSame(
      (await list()).map(({ pv }) => pv),
      ['foreign', 'shop', 'web'],
    )
    await run('delete', 'foreign')
    t.equal((await volumeUsers(cluster)).length, 2, 'the user of a namespace stays')
    t.strictSame(
      readdirSync(`${whole}${claimRoot}`).filter(name => name.startsWith('.')),
      [],
      'nothing is left',
    )
  })

  await t.test('kept data is out of reach of the namespace, and becomes a volume of it again', async t => {
    await create('kept')
    writeFileSync(`${(await mount('kept')).target}/file`, 'of kept')
    await refused(/^EBADVOLUME: kept cannot be kept in place/, 'delete', 'kept', '--on-delete', 'retain')
    await run('delete', 'kept', '--on-delete', 'archive')
    const archive = await find('kept')
    t.match(archive, { kept: 'archive', path: /\/kubernetes\/archived_/ })
    t.match(await mount('web', { path: archive.path }), { status: 'Failure' })
    await refused(
      /^EBADVOLUME: .*cannot be named after a claim/,
      'restore',
      'kept',
      '--as',
      'b',
      '--claim',
      'a/b',
    )
    await run('restore', 'kept', '--as', 'back')
    const back = await find('back')
    t.equal(back.path, `${claimRoot}/${tenantVolumeNames('back', tenant).share}`)
    t.equal(back.user, tenant.user)
    t.match(JSON.parse(await run('restore', 'kept', '--as', 'back', '--json')), { steps: [] })
    t.strictSame(readdirSync((await mount('back')).target), ['file'])
    await run('delete', 'back', '--on-delete', 'archive')
    await run('purge', 'back')
    t.strictSame(
      (await list()).map(({ pv }) => pv),
      ['shop', 'web'],
    )
  })

  await t.test('what a pod writes into marks', async t => {
    const { target } = await mount('web')
    const { stdout: mark } = await execa('getfattr', ['--only-values', '-n', MARKER_XATTR, target])
    const write = (changes: object, where = target) =>
      execa('setfattr', [
        '-n',
        MARKER_XATTR,
        '-v',
        JSON.stringify({ ...JSON.parse(mark), ...changes }),
        where,
      ])
    await write({ user: 'admin', backend: 'subvolume', pool: 'x', namespace: 'y' })
    t.match(await find('web'), { user: tenant.user, problem: undefined, pool: 'data', backend: 'directory' })
    t.ok((await objectsOf('web')).secret.data.key, 'the key is that of the namespace')
    await write({ pv: 'shop' })
    t.match(await find('shop'), { path: `${claimRoot}/${tenantVolumeNames('shop', tenant).share}` })
    await refused(/^ENOTOURS: several directories have the mark of shop/, 'show', 'shop')
    await write({ kept: 'archive' })
    await refused(/^ENOTOURS: .*"cephflex volume delete web" continues it/, 'purge', 'web')
    await refused(/^ENOTOURS: /, 'restore', 'web', '--as', 'mine')
    await write({}, `${whole}${above}`)
    t.strictSame(
      (await list()).map(({ pv }) => pv),
      ['shop', 'web'],
      'a mark of their directory hides none',
    )
    await run('delete', 'web')
    t.strictSame(
      (await list()).map(({ pv }) => pv),
      ['shop'],
      'a mark does not keep the data',
    )
  })

  await t.test('another pool, file system or directory is that of another user', async t => {
    const first = { fsName: 'cephfs', claimRoot }
    const users = [
      tenantFor(TEAM, first, undefined),
      tenantFor(TEAM, first, 'data'),
      tenantFor(TEAM, { ...first, fsName: 'second' }, undefined),
      tenantFor(TEAM, { ...first, claimRoot: '/volumes/other' }, undefined),
      tenantFor('team', first, undefined),
    ].map(({ user }) => user)
    t.equal(new Set(users).size, users.length)
    await create('pooled', TEAM, '--pool', 'data')
    await create('second', TEAM, '--fs-name', 'second')
    const pooled = await find('pooled')
    t.not(pooled.user, tenant.user)
    t.match(await mount('pooled'), { status: 'Success' })
    await run('delete', 'pooled')
    await run('delete', 'second', '--fs-name', 'second')
    await refused(
      /backend "subvolume" is not supported/,
      ...['create', 'x', '--size', '1Mi'],
      ...['--namespace', TEAM, '--backend', 'subvolume'],
    )
    await refused(/--namespace "A_b" is neither/, 'create', 'x', '--size', '1Mi', '--namespace', 'A_b')
  })

  await t.test('the user is deleted only with an empty directory', async t => {
    t.equal(await removeTenant(provisioner, tenant), false)
    t.ok((await volumeUsers(cluster)).includes(`client.${tenant.user}`))
    await run('delete', 'shop')
    t.equal(await removeTenant(provisioner, tenant), true)
    t.equal(await removeTenant(provisioner, tenant), true, 'again')
    t.notOk((await volumeUsers(cluster)).includes(`client.${tenant.user}`))
    t.notOk((await namesBelow(provisioner)).includes(tenant.directory))
  })
})
