import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { base64 } from '../../support/volumes.js'

t.test('the calls of the kubelet for a pod, with a real cluster', async t => {
  const cluster = await startCluster(t, { secondFs: true })
  const node = makeNode(t, {
    clusters: { lab: { monitors: cluster.monitorsBoth } },
    secretDirectories: [`${cluster.dir}`],
  })
  const admin = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }

  /** Mounts, writes and reads as a pod would, unmounts, and checks for leftovers. */
  const roundTrip = async (title: string, options: Record<string, string>) =>
    t.test(title, async t => {
      const target = node.target()
      const mounted = await node.mount(target, options)
      t.strictSame(mounted.reply, { status: 'Success' }, 'mounts')
      const [entry] = node.mountsOn(target)
      t.equal(entry?.fsType, 'fuse.ceph-fuse', 'is in the mount table')
      for (const option of ['nosuid', 'nodev']) t.ok(entry?.options.includes(option), option)
      t.strictSame(
        node.leftovers().files.filter(file => file.startsWith(node.keyrings)),
        [],
        'no key file is left',
      )
      writeFileSync(`${target}/proof`, title)
      t.equal(readFileSync(`${target}/proof`, 'utf8'), title, 'a pod can write and read')
      t.strictSame((await node.unmount(target)).reply, { status: 'Success' }, 'unmounts')
      t.strictSame(node.leftovers(), NOTHING, 'leaves nothing')
    })

  await roundTrip('admin', admin)
  await roundTrip('several monitors, the first one dead', {
    ...admin,
    monitors: `v1:127.0.0.1:1,${cluster.monitors}`,
  })
  await roundTrip('both messenger protocols', { ...admin, monitors: cluster.monitorsBoth })
  await roundTrip('the second protocol', { ...admin, monitors: cluster.monitorsV2 })
  await roundTrip('a non-standard port without a prefix', {
    ...admin,
    monitors: cluster.monitors.replace('v1:', ''),
  })
  await roundTrip('a monitor by name', {
    ...admin,
    monitors: cluster.monitors.replace('127.0.0.1', 'localhost'),
  })
  await roundTrip('a cluster of the node configuration', {
    cluster: 'lab',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  })
  await roundTrip('an admin keyring instead of a bare key', {
    monitors: cluster.monitors,
    'kubernetes.io/secret/keyring': base64(`[client.admin]\n\tkey = ${cluster.adminKey}\n`),
  })
  await roundTrip('a secretFile on the node', {
    monitors: cluster.monitors,
    secretFile: `${cluster.dir}/keyring`,
  })
  await roundTrip('options for the client', {
    ...admin,
    mountOptions: '_netdev,noatime',
    fuseOptions: 'default_permissions,client_quota=true',
  })

  for (const path of ['/v-1', '/with blank', '/with,comma', '/with:colon', '/volumes/a-b/c-d']) {
    await cluster.mkdir(path)
    const user = `u${path.replace(/\W/g, '')}`
    const key = await cluster.addUser(user, {
      mds: `allow rw path="${path}"`,
      mon: 'allow r',
      osd: 'allow rw',
    })
    await roundTrip(`a user that may only use ${path}`, {
      monitors: cluster.monitors,
      user: `client.${user}`,
      path,
      'kubernetes.io/secret/key': base64(`${key}\n`),
    })
  }

  await t.test('the second file system', async t => {
    await cluster.mkdir('/only-in-the-first')
    const target = node.target()
    t.equal((await node.mount(target, { ...admin, fsName: 'second' })).reply.status, 'Success')
    t.throws(() => statSync(`${target}/only-in-the-first`), { code: 'ENOENT' }, 'it is another file system')
    await node.unmount(target)
    t.equal((await node.mount(target, { ...admin, fsName: 'cephfs' })).reply.status, 'Success')
    t.ok(statSync(`${target}/only-in-the-first`).isDirectory(), 'and the first one is the right one')
    await node.unmount(target)
  })

  await t.test('read-only', async t => {
    const target = node.target()
    await node.mount(target, { ...admin, mountOptions: 'rw', 'kubernetes.io/readwrite': 'ro' })
    t.throws(
      () => writeFileSync(`${target}/x`, ''),
      { code: 'EROFS' },
      'readwrite "ro" takes precedence over mountOptions',
    )
    await node.unmount(target)
  })

  await t.test('the quota of a volume is its size', async t => {
    await cluster.mkdir('/quota', { quotaBytes: 1 << 30 })
    const target = node.target()
    await node.mount(target, { ...admin, path: '/quota' })
    const { stdout } = await execa('df', ['--output=size', '-B1', target])
    t.equal(Number(stdout.split('\n')[1]), 1 << 30)
    await node.unmount(target)
  })

  await t.test('fsGroup', async t => {
    await cluster.mkdir('/group')
    const target = node.target()
    const options = { ...admin, path: '/group', 'kubernetes.io/mounterArgs.FsGroup': '4711' }
    await node.mount(target, options)
    t.not(statSync(target).gid, 4711, 'fsGroup is ignored by default')
    await node.unmount(target)
    await node.mount(target, { ...options, fsGroupPolicy: 'root' })
    t.match(statSync(target), { gid: 4711 }, 'the group owns the top directory with fsGroupPolicy root')
    t.equal(
      statSync(target).mode & 0o2070,
      0o2070,
      'the group can write to it, and new files inherit the group',
    )
    await node.unmount(target)
  })
})
