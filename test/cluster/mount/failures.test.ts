import { chmodSync, existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { base64, KEY } from '../../support/volumes.js'

t.test('every failure has a reason, comes in time, and leaves the node unchanged', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const admin = {
    monitors: cluster.monitors,
    mounter: 'fuse',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  await cluster.mkdir('/v-1')
  await cluster.writeFile('/file', 'text')
  const webKey = await cluster.addUser('web', {
    mds: 'allow rw path="/v-1"',
    mon: 'allow r',
    osd: 'allow rw',
  })
  const web = { ...admin, user: 'web', 'kubernetes.io/secret/key': base64(webKey) }

  const fails = async (
    title: string,
    options: Record<string, string>,
    message: RegExp,
    { withinMs = 15_000, target = node.target() } = {},
  ) =>
    t.test(title, async t => {
      const before = readdirSync(node.dir)
      const { reply, ms, output } = await node.mount(target, options)
      t.equal(reply.status, 'Failure')
      t.match(reply.message, message)
      t.match(reply.message, /^E[A-Z]+: .+\. Hint: /, 'code, what happened, hint')
      t.ok(Buffer.byteLength(output) < 1_000, 'short enough for an event')
      t.ok(ms < withinMs, `answers in time: ${Math.round(ms)} ms`)
      t.strictSame(await node.settled(), NOTHING, 'leaves no mount, key, lock, state or process')
      const again = await node.mount(target, options)
      t.equal(again.reply.message, reply.message, 'the kubelet counts one event, since the text is the same')
      t.strictSame(
        readdirSync(node.dir),
        [...new Set([...before, 'log', 'run'])].sort(),
        'creates nothing else',
      )
    })

  // answers of the cluster: no second client is tried, since it would get the same answer
  for (const mounter of ['fuse', 'auto']) {
    await fails(
      'wrong key',
      { ...admin, mounter, 'kubernetes.io/secret/key': base64(KEY) },
      /^EREFUSED: the cluster refused the key of client\.admin; (?!.*kernel)/,
    )
    await fails('unknown user', { ...admin, mounter, user: 'nobody' }, /^EREFUSED: .*client\.nobody/)
    await fails(
      'missing path',
      { ...admin, mounter, path: '/no/such' },
      /^ENOPATH: \/no\/such does not exist; (?!.*kernel)/,
    )
    await fails(
      'path outside the caps',
      { ...web, mounter, path: '/' },
      /^EDENIED: client\.web is not allowed to mount \/; (?!.*kernel)/,
    )
    await fails('path that is a file', { ...admin, mounter, path: '/file' }, /^ENOTDIR: \/file /)
    await fails(
      'missing file system',
      { ...admin, mounter, fsName: 'nofs' },
      /^ENOFS: there is no file system nofs/,
    )
  }
  // as the controller names them, in the directory that the kubelet has for the volume
  const id = '9f3c1a52_6d0b_4e7f_8a21_0c5d7e9b1f34'
  const user = `kubernetes_dynamic_user_${id}`
  const path = `/volumes/kubernetes/kubernetes_dynamic_pvc_${id}`
  await cluster.mkdir(path)
  const userKey = await cluster.addUser(user, {
    mds: `allow rw path="${path}"`,
    mon: 'allow r',
    osd: 'allow rw',
  })
  const generated = { ...admin, user, path, 'kubernetes.io/secret/key': base64(userKey) }
  const target = node.target(
    'pvc-9f3c1a52-6d0b-4e7f-8a21-0c5d7e9b1f34',
    '2b1c7d10-8f1e-4f0a-9d53-7c9be2f0a611',
  )
  const failures = [
    ['EREFUSED', { 'kubernetes.io/secret/key': base64(KEY) }, 330],
    ['EDENIED', { path: `${path}x` }, 430],
    ['ENOPATH', { path: `${path}/x` }, 270],
  ] as const
  for (const [code, options, most] of failures)
    await t.test(`${code} of a generated volume says nothing twice`, async t => {
      const { reply } = await node.mount(target, { ...generated, ...options })
      const message = reply.message ?? ''
      t.match(message, new RegExp(`^${code}: `))
      for (const name of [user, path]) t.ok(message.split(name).length <= 2, `${name} stands there once`)
      t.ok(message.length <= most, `${message.length} characters: ${message}`)
    })

  await fails(
    'wrong key, second protocol',
    { ...admin, monitors: cluster.monitorsV2, 'kubernetes.io/secret/key': base64(KEY) },
    /^EREFUSED/,
  )
  await fails(
    'wrong key, non-standard port without a prefix',
    { ...admin, monitors: cluster.monitors.replace('v1:', ''), 'kubernetes.io/secret/key': base64(KEY) },
    /^EREFUSED/,
  )
  await fails('unknown option of the client', { ...admin, fuseOptions: 'client_no_such=1' }, /^EBADOPTIONS/)
  await fails(
    'monitor refuses',
    { ...admin, monitors: 'v1:127.0.0.1:1', timeoutSeconds: '6' },
    /^ENOANSWER: .*127\.0\.0\.1:1 refused/,
    { withinMs: 8_000 },
  )
  await fails(
    'an unknown host name',
    { ...admin, monitors: 'nosuch.invalid' },
    /^ENOHOST: .*nosuch\.invalid/,
    { withinMs: 8_000 },
  )
  await fails(
    'both clients fail',
    { ...admin, mounter: 'auto', monitors: 'v1:127.0.0.1:1', timeoutSeconds: '6' },
    /^ENOANSWER: fuse: .*; kernel: /,
    { withinMs: 9_000 },
  )
  await fails('kernel without its module', { ...admin, mounter: 'kernel' }, /^ENOKERNEL: /)

  for (const daemon of ['mon', 'mds'] as const) {
    await cluster.ctl(daemon, 'pause')
    const code = daemon === 'mon' ? /^E(NOANSWER|TIMEOUT): / : /^ETIMEOUT: ceph-fuse was killed after/
    await fails(`${daemon} paused`, { ...admin, timeoutSeconds: '6' }, code, { withinMs: 8_000 })
    await cluster.ctl(daemon, 'resume')
    await new Promise(resolve => setTimeout(resolve, 1_500))
    t.strictSame(node.leftovers(), NOTHING, `nothing is mounted later, when the ${daemon} is back`)
  }

  const full = node.target('full')
  writeFileSync(`${full}/local`, 'written while nothing was mounted')
  await fails('a target that contains files of the node', admin, /^ENOTEMPTY: .* contains local\./, {
    target: full,
  })
  t.ok(existsSync(`${full}/local`), 'they are kept')
  const link = `${node.target('real')}-link`
  symlinkSync(node.target('real'), link)
  await fails('a target that is a link', admin, /^EBADREQUEST: .* is a symbolic link/, { target: link })
  const gone = `${node.dir}/pods/gone/volumes/cephflex~cephfs/data`
  await fails('a target that was removed with its pod', admin, /^ENOTARGET: /, { target: gone })
  t.notOk(existsSync(`${node.dir}/pods/gone`), 'it is not created again')

  await t.test('a target that is removed while it is mounted', async t => {
    const bin = t.testdir({
      mount: '#!/bin/sh\nfor target; do :; done\nrmdir "$(readlink "$target")"\nexec /bin/mount "$@"\n',
    })
    chmodSync(`${bin}/mount`, 0o755)
    const hasty = makeNode(t, { searchPath: [bin] })
    const { reply } = await hasty.mount(hasty.target(), admin)
    t.match(reply.message, /^ENOTARGET: .* no longer exists/)
    t.strictSame(await hasty.settled(), NOTHING)
  })

  await t.test('all problems of the options at once', async t => {
    const { reply } = await node.mount(node.target(), { mounter: 'nfs', path: 'x/../y', paht: '/' })
    for (const name of ['monitors', 'mounter', 'path', 'paht']) t.match(reply.message, name)
    t.match(reply.message, /^EBADOPTIONS: /)
  })
})
