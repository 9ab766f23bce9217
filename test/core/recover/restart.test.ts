import t from 'tap'
import type { OurMount } from '../../../src/core/node/inventory.js'
import { recoveryLines, restartAdvice } from '../../../src/core/recover/recovery.js'
import { containerName, liveDevices, lostTargets } from '../../../src/core/recover/restart.js'
import type { MountInfo } from '../../../src/core/target/mount-table.js'

const POD = '/var/lib/kubelet/pods/uid-1'
const TARGET = `${POD}/volumes/cephflex~cephfs/data`

const mount = (mountPoint: string, device: string, root = '/', fsType = 'fuse.ceph-fuse'): MountInfo => ({
  ...{ id: 1, parent: 0, device, root, mountPoint, options: ['rw'], fsType, source: 'ceph-fuse' },
})
const volume = (name: string, device: string): OurMount => {
  const target = `${POD}/volumes/cephflex~cephfs/${name}`
  return { target, client: 'fuse', entry: mount(target, device) }
}
const lost = (inside: MountInfo[], targets: OurMount[], node: MountInfo[]) =>
  lostTargets(inside, targets, liveDevices(node)).map(({ target }) => target)

t.test('a container has lost a volume if it shows a mount that the node no longer has', async t => {
  const node = [
    mount(TARGET, '0:50'),
    mount(TARGET, '0:60'),
    mount(`${POD}/volume-subpaths/data/main/0`, '0:50'),
  ]
  const targets = [volume('data', '0:60')]
  t.strictSame(lost([mount('/data', '0:50')], targets, node), [TARGET])
  t.strictSame(lost([mount('/data', '0:50'), mount('/data', '0:60')], targets, node), [], 'covered')
  t.strictSame(lost([mount('/data', '0:60')], targets, node), [])
  t.strictSame(lost([mount('/', '0:70', '/', 'overlay')], targets, node), [], 'it does not use the volume')
  const csi = [...node, mount('/var/lib/kubelet/pods/uid-1/volumes/kubernetes.io~csi/x/mount', '0:80')]
  t.strictSame(lost([mount('/csi', '0:80')], targets, csi), [], 'a mount of another driver')
  const two = [volume('data', '0:60'), volume('other', '0:61')]
  const both = [...node, mount(`${POD}/volumes/cephflex~cephfs/other`, '0:61')]
  t.strictSame(lost([mount('/data', '0:50'), mount('/other', '0:61')], two, both), [TARGET], 'one of two')
})

t.test('the name of a container is in the path of a file that the kubelet keeps for it', async t => {
  const kept = (uid: string) =>
    mount('/dev/termination-log', '8:1', `/kubelet/pods/${uid}/containers/side.car/1a2b`)
  t.equal(containerName([mount('/data', '0:5'), kept('uid-1')], 'uid-1'), 'side.car')
  t.equal(containerName([kept('uid-2')], 'uid-1'), '', 'not of another pod')
  t.equal(containerName([], 'uid-1'), '')
})

t.test('what to restart', async t => {
  const pod = { namespace: 'shop', name: 'web', uid: 'u' }
  t.match(restartAdvice(pod, []), /^restart the pod shop\/web: it does not see/)
  t.match(restartAdvice(pod, ['a']), /^restart container a of the pod shop\/web: it does not see/)
  t.match(restartAdvice({ uid: 'u' }, ['a', 'b']), /^restart container a, b of the pod u: they do not see/)
  const report = { target: TARGET, client: 'fuse', was: 'dead', pod, outcome: 'recovered' } as const
  t.strictSame(recoveryLines(report), [`recovered: ${TARGET} (dead; pod shop/web)`])
  t.match(
    recoveryLines({
      ...report,
      subPaths: ['/x/0'],
      restart: true,
      holders: [{ pid: 1, name: 'sh', container: 'a' }],
    }),
    [/^recovered/, '  detached /x/0: its container can start again', /^ {2}restart container a/],
  )
})
