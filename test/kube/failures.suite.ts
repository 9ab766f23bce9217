import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { base64, KEY, LONG_KEY } from '../support/volumes.js'
import { flexVolume, pod, secret } from './support/objects.js'
import { startScene } from './support/scene.js'
import { leaks, masked } from './support/secrets.js'

/** The event that the kubelet creates from a failure of the driver. */
const eventOf = (code: string, rest: RegExp): RegExp =>
  new RegExp(
    `^MountVolume.SetUp failed for volume "data" : mount command failed, status: Failure, reason: ${code}: ${rest.source}`,
  )

/** A simple driver: it fails with an exit code, so the kubelet logs its arguments. */
const CARELESS = `#!/bin/sh
case $1 in
  init) echo '{"status":"Success","capabilities":{"attach":false}}' ;;
  unmount) echo '{"status":"Success"}' ;;
  *) echo '{"status":"Failure","message":"careless"}'; exit 1 ;;
esac
`

t.test('what a user sees when a volume cannot be mounted', async t => {
  recordTest(t, 'kube-failures', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  const { ceph, kube, driver, inline, leavesNothing } = await startScene(t)
  const own = await ceph.addUser('own', {
    mon: 'allow r',
    mds: 'allow rw path=/own',
    osd: 'allow rw tag cephfs data=*',
  })
  for (const path of ['/own', '/other']) await ceph.mkdir(path)
  kube.keys.push(KEY, LONG_KEY, own)
  await kube.apply(
    secret('wrong', { key: KEY }),
    secret('own', { key: own }),
    secret('broken', { key: `${LONG_KEY.slice(0, -8)} ${LONG_KEY.slice(-8)}` }),
    secret('other-type', { key: ceph.adminKey }, 'Opaque'),
  )
  const by = (name: string, options: Record<string, string> = {}) =>
    flexVolume({ monitors: ceph.monitors, ...options }, { secret: name })

  const cases = [
    [
      'wrong-key',
      by('wrong'),
      eventOf('EREFUSED', /.*Hint: compare the Secret with "ceph auth get client.admin"/),
    ],
    [
      'no-key',
      by('broken'),
      eventOf('EBADKEY', /.*Hint: store the output of "ceph auth get-key client.admin"/),
    ],
    [
      'wrong-path',
      inline({ path: '/missing' }),
      eventOf('ENOPATH', /.*\/missing.*Hint: create the directory/),
    ],
    [
      'not-allowed',
      by('own', { user: 'own', path: '/other' }),
      eventOf('EDENIED', /.*Hint: check the caps with/),
    ],
    ['wrong-option', inline({ pathh: '/' }), eventOf('EBADOPTIONS', /.*pathh.*Hint: /)],
    ['wrong-type', by('other-type'), /cannot get secret of type cephflex\/cephfs/],
  ] as const

  await kube.test('the event has the code, the value in question and the next step', async t => {
    await kube.apply(...cases.map(([name, source]) => pod(name, source)))
    for (const [name, , pattern] of cases) {
      const message = await kube.warning(name, pattern)
      t.match(message, pattern, `${name}: ${masked(message, kube.keys)}`)
    }
    t.strictSame(kube.volumeMounts(), [], 'nothing is mounted')
    // the kubelet retries: while a call runs, both exist
    const isClean = () => driver.leftovers().files.length === 0
    t.ok(
      await until('there is no key and no state between two calls', isClean),
      'no key and no state is left',
    )
  })

  await kube.test('a repeated failure is one event with a count', async t => {
    for (const name of ['wrong-key', 'not-allowed'])
      t.ok(
        await until(`the event of ${name} is counted`, async () =>
          (await kube.events(name)).some(({ message, count = 1 }) => /E[A-Z]+: /.test(message) && count > 2),
        ),
      )
  })

  await kube.test('a mistake that is corrected on the cluster needs no other action', async t => {
    await ceph.mkdir('/missing')
    await kube.running('wrong-path')
    t.match(await kube.exec('wrong-path', 'touch /data/now'), { exitCode: 0 })
  })

  await kube.test('a dead monitor: an answer in time, and the pod starts when it is back', async t => {
    await ceph.ctl('mon', 'kill')
    await kube.apply(pod('no-monitor', inline({ timeoutSeconds: '8' })))
    const pattern = eventOf('ENOANSWER', /.*Hint: check that this node can reach the monitors/)
    t.match(await kube.warning('no-monitor', pattern), pattern)
    await ceph.ctl('mon', 'run')
    await kube.running('no-monitor')
    await kube.deletePods('no-monitor')
  })

  await kube.test('pods whose volume was never mounted can be deleted', async t => {
    await kube.deletePods(...cases.map(([name]) => name))
    t.ok(await kube.noPods())
  })

  await leavesNothing()

  await kube.test('control: a careless driver causes a key in that log, and it is found', async t => {
    const fake = KEY.replace('AQ', 'AQcareless')
    writeDriver(kube.pluginDir)
    await kube.apply(
      secret('careless', { key: fake }, 'test/careless'),
      pod('careless', flexVolume({}, { driver: 'test/careless', secret: 'careless' })),
    )
    await kube.warning('careless', /careless/)
    await until('the kubelet has logged it', () => kube.kubeletLog().includes(base64(fake)))
    t.not(leaks(kube.kubeletLog(), [fake]).length, 0)
    await kube.deletePods('careless')
    rmSync(`${kube.pluginDir}/test~careless`, { recursive: true })
  })
})

const writeDriver = (plugins: string) => {
  mkdirSync(`${plugins}/.test~careless`)
  writeFileSync(`${plugins}/.test~careless/careless`, CARELESS, { mode: 0o755 })
  renameSync(`${plugins}/.test~careless`, `${plugins}/test~careless`)
}
