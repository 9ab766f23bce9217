import fc from 'fast-check'
import t from 'tap'
import { isCephFS, mountedOn, mountsOfDevice, parseMountInfo } from '../../../src/core/target/mount-table.js'

// The first eight lines are from a real node, the others are those of the two clients (ceph-fuse 16.2, Linux 6.1).
const CAPTURED = `22 27 0:21 / /proc rw,relatime - proc proc rw
23 27 0:22 / /sys rw,relatime - sysfs sysfs rw
24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334524k,nr_inodes=3083631,mode=755
25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24684096k
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,resv_strict,resuid=65534,resgid=65534
30 25 0:27 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24684096k
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
43 27 0:40 / /run rw,nosuid shared:5 master:2 - tmpfs tmpfs rw,mode=755
90 27 0:51 / /pods/a rw,nosuid,nodev,relatime shared:9 - fuse.ceph-fuse ceph-fuse rw,user_id=0,group_id=0,allow_other
91 27 0:52 / /pods/b rw,relatime - ceph 127.0.0.1:13062:/vol1 rw,name=kube,secret=<hidden>,acl
92 27 0:53 / /pods/a\\040b\\011\\012\\134c rw,relatime - fuse.ceph-fuse ceph-fuse rw
93 90 0:54 / /pods/a rw,relatime - fuse.ceph-fuse ceph-fuse rw
94 27 0:55 / /pods/nfs rw,relatime - nfs4 10.0.0.9:/my\\040share rw
`

t.test('a captured table', async t => {
  const table = parseMountInfo(CAPTURED)
  t.equal(table.length, 13, 'every line is an entry, except the empty last one')
  t.strictSame(
    mountedOn(CAPTURED, '/pods/b'),
    [
      {
        id: 91,
        parent: 27,
        device: '0:52',
        root: '/',
        mountPoint: '/pods/b',
        options: ['rw', 'relatime'],
        fsType: 'ceph',
        source: '127.0.0.1:13062:/vol1',
      },
    ],
    'a line without optional fields',
  )
  t.match(
    mountedOn(CAPTURED, '/run'),
    [{ id: 43, fsType: 'tmpfs', peerGroup: 5, master: 2 }],
    'optional fields',
  )
  t.strictSame(
    mountedOn(CAPTURED, '/pods/a').map(({ id, device }) => [id, device]),
    [
      [90, '0:51'],
      [93, '0:54'],
    ],
    'stacked mounts, the lowest first',
  )
  t.equal(
    mountedOn(CAPTURED, '/pods/a b\t\n\\c')[0]?.id,
    92,
    'blank, tab, line feed and backslash are escaped',
  )
  t.equal(table.at(-1)?.source, '10.0.0.9:/my share', 'the source is unescaped too')
  t.strictSame(mountedOn(CAPTURED, '/pods'), [], 'a directory above mounts is not a mount')
  t.strictSame(mountedOn(CAPTURED, '/pods/a/'), [], 'the path must match exactly')
  t.strictSame(
    mountedOn(CAPTURED, '/'),
    table.slice(4, 5),
    'the mount point / is found, not the root field of other lines',
  )
})

t.test('which mounts may be removed', async t => {
  const ours = parseMountInfo(CAPTURED).filter(isCephFS)
  t.strictSame(
    ours.map(({ id }) => id),
    [90, 91, 92, 93],
    'those of both clients, and nothing else',
  )
  const fsTypes = ['fuse', 'fuse.sshfs', 'fuse.ceph', 'ceph-fuse', 'cephx']
  for (const fsType of fsTypes) {
    const line = `1 2 0:3 / /a rw - ${fsType} x rw`
    t.equal(parseMountInfo(line).some(isCephFS), false, `a mount of type ${fsType} is never removed`)
  }
})

t.test('a node with 5,000 mounts', async t => {
  const line = (i: number) => `${i} 27 0:${i} / /pods/${i} rw,relatime - tmpfs tmpfs rw`
  const big = Array.from({ length: 5_000 }, (_, i) => line(i + 1)).join('\n')
  t.match(mountedOn(big, '/pods/4999'), [{ id: 4_999 }], 'the one mount is found')
  t.match(mountedOn(big, '/pods/1'), [{ id: 1 }], 'not those with the same beginning')
  t.equal(parseMountInfo(big).length, 5_000, 'all lines are parsed')
})

t.test('malformed lines', async t => {
  for (const line of [
    '',
    ' - ',
    'x',
    '1 2 3',
    '1 2 0:3 / /a rw',
    '1 2 0:3 / /a rw - ',
    '1 2 0:3 / /a rw - ceph',
  ]) {
    t.strictSame(parseMountInfo(line), [], `${JSON.stringify(line)} is skipped`)
  }
})

t.test('any text', async t => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('-', '\\040', '\\', '/', '0:1', 'ceph', '1', '\n', ' - '),
  )
  const text = fc.array(word, { maxLength: 30 }).map(words => words.join(' '))
  fc.assert(
    fc.property(text, fc.string(), (table, target) => {
      parseMountInfo(table)
      mountedOn(table, target)
    }),
    { numRuns: 1_000 },
  )
  t.pass('no text makes the parser throw')
  const path = fc.array(fc.constantFrom(...'ab \t\n\\-:,')).map(letters => `/${letters.join('')}`)
  const escaped = (text: string) =>
    text.replace(/[ \t\n\\]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
  fc.assert(
    fc.property(path, mountPoint => {
      const line = `7 1 0:9 / ${escaped(mountPoint)} rw - ceph a:/ rw`
      return mountedOn(`${CAPTURED}${line}\n`, mountPoint).at(-1)?.id === 7
    }),
  )
  t.pass('a mount point that the kernel escaped is found by its plain name')
})

t.test('the mounts of one device', async t => {
  const all = parseMountInfo(CAPTURED)
  for (const { device } of all)
    t.strictSame(
      mountsOfDevice(CAPTURED, device),
      all.filter(entry => entry.device === device),
      device,
    )
  t.strictSame(
    mountsOfDevice('36 35 0:52 / /a rw - tmpfs 0:5 rw', '0:5'),
    [],
    'a source that looks like a device',
  )
})
