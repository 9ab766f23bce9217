import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { MountTestReport } from '../../../src/ops/mount-test/mount-test.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { cephflex, PROGRAM } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

t.test('mount-test', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const env = node.environment
  await cluster.mkdir('/web', { quotaBytes: 64 * 1024 * 1024 })
  const key = await cluster.addUser('web', { mds: 'allow rw path="/web"', mon: 'allow r', osd: 'allow rw' })
  const readOnlyKey = await cluster.addUser('reader', {
    mds: 'allow r path="/web"',
    mon: 'allow r',
    osd: 'allow r',
  })
  const options = { monitors: cluster.monitors, user: 'web', path: '/web', mounter: 'fuse' }
  const manifest = `${node.dir}/pv.yaml`
  const pv = {
    kind: 'PersistentVolume',
    metadata: { name: 'web' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      flexVolume: { driver: 'cephflex/cephfs', secretRef: { name: 's' }, options },
    },
  }
  const secret = { kind: 'Secret', metadata: { name: 's' }, type: 'cephflex/cephfs', stringData: { key } }
  writeFileSync(manifest, `${JSON.stringify(pv)}\n---\n${JSON.stringify(secret)}\n`)
  const leavesNothing = () => {
    t.strictSame(node.leftovers(), NOTHING, 'and leaves nothing')
    t.strictSame(readdirSync(`${node.runDirectory}/private`), [])
  }

  await t.test('mount-test', async t => {
    const run = await cephflex(['mount-test', '--options', manifest, '--size', '1'], { env })
    t.equal(run.code, 0, run.err)
    for (const step of [
      'objects',
      'mount',
      'write and fsync',
      'read back',
      'rename',
      'lock',
      'df and quota',
      'read from the cluster',
      'unmount',
    ])
      t.match(run.out, new RegExp(`^ok +\\d+ ms +${step}\\b`, 'm'), step)
    t.match(run.out, /quota 67108864/, 'the quota is shown')
    t.match(run.out, /^client: fuse$/m, 'and the client that was used')
    leavesNothing()
  })

  await t.test('mount-test of objects that the kubelet refuses', async t => {
    const refused = {
      'mount options are not supported for this volume type': [
        { ...pv, spec: { ...pv.spec, mountOptions: ['noatime'] } },
        secret,
      ],
      'cannot get secret of type cephflex/cephfs': [pv, { ...secret, type: 'Opaque' }],
      'no volume plugin matched': [
        { ...pv, spec: { ...pv.spec, flexVolume: { ...pv.spec.flexVolume, driver: 'ceph.rook.io/rook' } } },
        secret,
      ],
    }
    for (const [words, objects] of Object.entries(refused)) {
      const input = objects.map(object => JSON.stringify(object)).join('\n---\n')
      const run = await cephflex(['mount-test', '--options', '-', '--size', '1'], { env, input })
      t.equal(run.code, 1, words)
      t.match(run.out, new RegExp(`^FAIL .*objects .*${words}`, 'm'))
      t.match(run.out, /^ok .*read from the cluster/m, 'the mount itself is tested all the same')
      t.match(run.out, /^the volume works, but the kubelet does not mount it/m)
      const checked = await cephflex(['doctor', '--options', '-', '--check', 'objects'], { env, input })
      t.equal(checked.code, 2)
      t.match(checked.out, new RegExp(`^fail .*${words}`, 'm'), 'doctor says the same')
      t.match(checked.out, /fix: /)
    }
    const good = await cephflex(['doctor', '--options', manifest, '--check', 'objects'], { env })
    t.match(good, { code: 0, out: /pass .*objects .*the kubelet calls the driver/ })
    leavesNothing()
  })

  await t.test('mount-test --dry-run', async t => {
    const run = await cephflex(['mount-test', '--options', manifest, '--dry-run'], { env })
    t.equal(run.code, 0)
    t.match(
      run.out,
      / {2}CEPH_CONF=\/dev\/null ceph-fuse --id web -k <key file> -m v1:\S+ .* -r \/web$/m,
      'the exact command',
    )
    t.notOk(run.out.includes(key), 'without the key')
    t.notOk(readFileSync(manifest, 'utf8').includes(base64(key)))
    t.equal(node.leftovers().mounts.length, 0)
  })

  await t.test('mount-test of volumes that fail', async t => {
    const missing = await cephflex(['mount-test', '--options', manifest, '--path', '/web/nope', '--json'], {
      env,
    })
    t.equal(missing.code, 1)
    const { ok, steps } = JSON.parse(missing.out) as MountTestReport
    t.notOk(ok)
    t.match(steps.at(-1), { name: 'mount', ok: false, note: /^ENOPATH/ })
    writeFileSync(`${node.dir}/key`, readOnlyKey)
    const flags = ['--monitors', cluster.monitors, '--user', 'reader', '--path', '/web', '--mounter', 'fuse']
    const reader = await cephflex(['mount-test', ...flags, '--key-file', `${node.dir}/key`], { env })
    t.match(reader, { code: 1, out: /^FAIL .* mkdir .*Permission denied/m }, 'read-only caps')
    const noKey = await cephflex(['mount-test', ...flags], { env })
    t.match(noKey, { code: 1, err: /^EBADKEY: .*\n {2}hint: .*--key-file/ })
    t.match(await cephflex(['mount-test', '--size', '0'], { env }), {
      code: 1,
      err: /must be a whole number/,
    })
    leavesNothing()
  })

  await t.test('mount-test, and Ctrl-C', async t => {
    await cluster.ctl('mds', 'pause')
    const child = node.start(['mount-test', '--options', manifest], PROGRAM)
    // on any machine: once ceph-fuse runs, signals are handled
    const isMounting = () => node.leftovers().processes.some(line => line.includes('ceph-fuse'))
    for (let tries = 0; tries < 600 && !isMounting(); tries += 1)
      await new Promise(resolve => setTimeout(resolve, 50))
    child.kill('SIGINT')
    const { all, exitCode } = await child
    t.equal(exitCode, 1)
    t.match(all, /FAIL .*EINTERRUPTED/)
    await cluster.ctl('mds', 'resume')
    leavesNothing()
  })

  await t.test('mount-test --keep', async t => {
    const run = await cephflex(['mount-test', '--options', '-', '--keep', '--size', '1'], {
      env,
      input: readFileSync(manifest, 'utf8'),
    })
    const target = /left mounted on (\S+);/.exec(run.out)?.[1] ?? ''
    t.equal(node.mountsOn(target).length, 1, 'it is mounted')
    t.match(readdirSync(target)[0], /^\.cephflex-test-/, 'with its files')
    t.equal((await node.unmount(target)).reply.status, 'Success')
  })
})
