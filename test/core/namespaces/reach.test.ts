import t from 'tap'
import { isPassedOn, placeOf, propagationOf, shows } from '../../../src/core/namespaces/reach.js'
import { type MountInfo, parseMountInfo, visibleAt } from '../../../src/core/target/mount-table.js'

const VOLUME = '/var/lib/kubelet/pods/u/volumes/cephflex~cephfs/data'
const NODE = `26 1 254:0 / / rw shared:1 - ext4 /dev/vda rw
30 26 254:1 / /var/lib/kubelet rw shared:7 - xfs /dev/vdb rw
90 30 0:51 / ${VOLUME} rw shared:9 - fuse.ceph-fuse ceph-fuse rw
`
const at = (table: string, path = VOLUME) => visibleAt(parseMountInfo(table), path)?.id
const mountOf = (fields: Partial<MountInfo> = {}) => ({
  ...(parseMountInfo(`500 400 0:51 / ${VOLUME} rw - fuse.ceph-fuse ceph-fuse rw`)[0] as MountInfo),
  ...fields,
})

t.test('what a lookup ends in', async t => {
  t.equal(at(NODE), 90)
  t.equal(at(NODE, '/var/lib/kubelet/pods'), 30)
  t.equal(at(NODE, '/var/lib/kubelet2'), 26, 'a name with the same beginning')
  t.equal(at(NODE, '/'), 26)
  t.equal(at(`${NODE}91 90 0:52 / ${VOLUME} rw - fuse.ceph-fuse x rw\n`), 91, 'a mount on a mount')
  t.equal(at(`${NODE}31 26 0:60 / /var/lib rw - tmpfs x rw\n`), 31, 'a later mount above covers all')
  t.equal(
    at(`${NODE}31 30 0:60 / /var/lib/kubelet rw - tmpfs x rw\n`),
    31,
    'so does one on the same directory',
  )
  t.equal(at(NODE.replace(/^26.*\n/, '')), 90, 'a root directory that is no mount')
  t.equal(at('1 1 0:1 / / rw - rootfs rootfs rw\n', '/a'), 1, 'a mount that is its own parent')
  t.equal(at(''), undefined)
})

t.test('whether another namespace shows a mount', async t => {
  const table = parseMountInfo(NODE)
  t.ok(shows(table, VOLUME, mountOf()), 'a copy of the mount has another id')
  t.notOk(shows(table, VOLUME, mountOf({ device: '0:52' })), 'another file system')
  t.notOk(shows(table, VOLUME, mountOf({ root: '/sub' })), 'another directory of it')
  t.notOk(shows(table, `${VOLUME}/sub`, mountOf()), 'a path below')
  t.notOk(shows(parseMountInfo(NODE.replace(/^90.*\n/m, '')), VOLUME, mountOf()), 'the directory below it')
  t.equal(placeOf(table, mountOf()), VOLUME)
  t.equal(placeOf(table, mountOf({ device: '0:52' })), undefined)
})

t.test('what the propagation of the mount above says', async t => {
  const rows: [Partial<MountInfo>, string, boolean][] = [
    [{}, 'private', false],
    [{ peerGroup: 3 }, 'shared', true],
    [{ master: 3 }, 'slave', false],
    [{ peerGroup: 5, master: 3 }, 'slave', false],
  ]
  for (const [fields, name, reaches] of rows) {
    t.equal(propagationOf(mountOf(fields)), name)
    t.equal(isPassedOn(mountOf(fields)), reaches, JSON.stringify(fields))
  }
  t.notOk(isPassedOn(undefined), 'an unknown mount')
})
