import { existsSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { startCluster, type TestCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING, type TestNode } from '../../lab/node.js'
import { recordTest, thisArch } from '../../records/record-compat.js'
import { base64 } from '../../support/volumes.js'

const NOT_SUPPORTED = { status: 'Not supported' }
const SUCCESS = { status: 'Success' }
const GROUP = 4711
const DEVICE_DIRECTORY = '/var/lib/kubelet/plugins/kubernetes.io/flexvolume/cephflex/cephfs/mounts/data'

type Keys = Record<string, string>

/** How a release of Kubernetes uses a driver that does not attach. */
type Release = {
  /** Keys of the kubelet, in addition to those that all releases send: fsType, readwrite and the Secret. */
  keys: Keys
  /** The name of the Secret's only entry; none before 1.3. */
  secret: string
  /** The key that carries the pod's fsGroup, if any does. */
  fsGroup?: string
  /** Whether the directory exists when `mount` is called, and the device is not among its arguments. */
  makesDirectory: boolean
  /** Calls before `mount`, and after `unmount`; this driver supports none of them. */
  before: (json: string) => string[][]
  after: string[][]
}

const NAME = { 'kubernetes.io/pvOrVolumeName': 'data' }
const POD = {
  'kubernetes.io/pod.name': 'web-0',
  'kubernetes.io/pod.namespace': 'default',
  'kubernetes.io/pod.uid': '0b8a2c4e-0000-4000-8000-000000000001',
  'kubernetes.io/serviceAccount.name': 'default',
}
const OLD_GROUP = 'kubernetes.io/fsGroup'
const NEW_GROUP = 'kubernetes.io/mounterArgs.FsGroup'

/** Before capabilities, which came in 1.8, the kubelet called every driver to attach. */
const ATTACHING = (json: string) => [
  ['getvolumename', json],
  ['attach', json, 'node-1'],
  ['isattached', json, 'node-1'],
  ['waitforattach', '', json],
  ['mountdevice', DEVICE_DIRECTORY, '', json],
]
const DETACHING = [
  ['unmountdevice', DEVICE_DIRECTORY],
  ['detach', 'data', 'node-1'],
  ['waitfordetach', 'data'],
]
const NO_CALLS = { before: () => [], after: [] }

const RELEASES: Readonly<Record<string, Release>> = {
  '1.2': {
    keys: {},
    secret: '',
    makesDirectory: false,
    before: json => [['attach', json]],
    after: [['detach', 'ceph-fuse']],
  },
  '1.5': {
    keys: {},
    secret: '/key',
    makesDirectory: false,
    before: json => [['attach', json]],
    after: [['detach', 'ceph-fuse']],
  },
  '1.6 and 1.7': {
    keys: NAME,
    secret: '/key',
    fsGroup: OLD_GROUP,
    makesDirectory: true,
    before: json => [...ATTACHING(json), ['getdevicemountpath', json]],
    after: DETACHING,
  },
  '1.8': { keys: { ...NAME, ...POD }, secret: '/key', fsGroup: OLD_GROUP, makesDirectory: true, ...NO_CALLS },
  '1.10': {
    keys: { ...NAME, ...POD },
    secret: '/key',
    fsGroup: OLD_GROUP,
    makesDirectory: true,
    ...NO_CALLS,
  },
  '1.13': {
    keys: { ...NAME, ...POD },
    secret: '/key',
    fsGroup: OLD_GROUP,
    makesDirectory: true,
    before: () => [],
    after: [
      ['expandvolume', '{}', DEVICE_DIRECTORY, '2', '1'],
      ['expandfs', '{}', '', DEVICE_DIRECTORY, '2', '1'],
    ],
  },
  '1.15': {
    keys: { ...NAME, ...POD },
    secret: '/key',
    fsGroup: NEW_GROUP,
    makesDirectory: true,
    ...NO_CALLS,
  },
  today: {
    keys: { ...NAME, ...POD, 'kubernetes.io/something.newer': 'x' },
    secret: '/key',
    fsGroup: NEW_GROUP,
    makesDirectory: true,
    ...NO_CALLS,
  },
}

type Lab = { release: Release; version: string; cluster: TestCluster; node: TestNode }

const optionsOf = ({ release, cluster }: Lab, access: 'ro' | 'rw', path = '/volume'): Keys => ({
  'kubernetes.io/fsType': '',
  'kubernetes.io/readwrite': access,
  [`kubernetes.io/secret${release.secret}`]: base64(cluster.adminKey),
  ...release.keys,
  // a read-only volume is never given to a group
  ...(release.fsGroup && access === 'rw' ? { [release.fsGroup]: String(GROUP) } : {}),
  monitors: cluster.monitors,
  path,
  fsGroupPolicy: 'root',
})

/** The target. Old releases do not even create its parents. */
const placeFor = ({ release, node }: Lab, pod: string): string =>
  release.makesDirectory
    ? node.target('data', pod)
    : `${node.dir}/old/pods/${pod}/volumes/cephflex~cephfs/data`

const mount = async ({ release, node }: Lab, target: string, options: Keys) =>
  (await node.call('mount', target, ...(release.makesDirectory ? [] : ['']), JSON.stringify(options))).reply

const unusedCalls = async (t: Test, { node }: Lab, calls: string[][]) => {
  for (const call of calls) t.strictSame((await node.call(...call)).reply, NOT_SUPPORTED, call.join(' '))
}

/** What every release does after an unmount: check the directory, and remove it. */
const unmount = async (t: Test, { node }: Lab, target: string) => {
  t.strictSame((await node.unmount(target)).reply, SUCCESS, 'unmount')
  t.strictSame(node.mountsOn(target), [])
  t.ok(statSync(target).isDirectory(), 'the directory exists, for the kubelet to check')
  rmdirSync(target)
}

const usePod = (t: Test, { release, version }: Lab, target: string) => {
  writeFileSync(`${target}/proof`, version)
  t.equal(readFileSync(`${target}/proof`, 'utf8'), version, 'a pod writes and reads')
  if (release.fsGroup) t.equal(statSync(target).gid, GROUP, `${release.fsGroup} is honoured`)
}

const podLife = async (t: Test, lab: Lab, access: 'ro' | 'rw') => {
  const target = placeFor(lab, `pod-${access}`)
  const options = optionsOf(lab, access)
  // secrets go to mount only
  const plain = Object.entries(options).filter(([key]) => !key.startsWith('kubernetes.io/secret'))
  await unusedCalls(t, lab, lab.release.before(JSON.stringify(Object.fromEntries(plain))))
  t.strictSame(await mount(lab, target, options), SUCCESS, `mount, ${access}`)
  t.match(lab.node.mountsOn(target), [{ fsType: 'fuse.ceph-fuse' }], 'it is mounted')
  if (access === 'rw') usePod(t, lab, target)
  else t.throws(() => writeFileSync(`${target}/x`, ''), { code: 'EROFS' }, 'read-only')
  await unmount(t, lab, target)
  await unusedCalls(t, lab, lab.release.after)
}

const failure = async (t: Test, lab: Lab) => {
  const target = placeFor(lab, 'pod-failing')
  const reply = await mount(lab, target, optionsOf(lab, 'rw', '/no/such'))
  t.match(reply, { status: 'Failure', message: /^ENOPATH: / }, 'the failure is reported')
  t.equal(
    existsSync(target),
    lab.release.makesDirectory,
    'only a directory that the driver had created is removed',
  )
  t.strictSame(await mount(lab, target, optionsOf(lab, 'rw')), SUCCESS, 'the next try succeeds')
  await unmount(t, lab, target)
}

t.test('every release of Kubernetes that had FlexVolume', async t => {
  recordTest(t, 'history', {
    area: 'protocol',
    subject: 'calls of the kubelet, replayed',
    version: '1.2 to 1.36',
    arch: thisArch(),
  })
  const cluster = await startCluster(t)
  await cluster.mkdir('/volume')
  for (const [version, release] of Object.entries(RELEASES))
    await t.test(`Kubernetes ${version}`, async t => {
      const node = makeNode(t)
      const lab: Lab = { release, version, cluster, node }
      t.equal((await node.call('init')).reply.status, 'Success', 'init')
      for (const access of ['rw', 'ro'] as const) await podLife(t, lab, access)
      await failure(t, lab)
      t.strictSame(node.leftovers(), NOTHING)
    })
})
