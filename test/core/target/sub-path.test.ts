import t from 'tap'
import { isSubPathBind, staleSubPaths } from '../../../src/core/target/sub-path.js'

const POD = '/var/lib/kubelet/pods/uid-1'
const TARGET = `${POD}/volumes/cephflex~cephfs/data`
const BINDS = `${POD}/volume-subpaths/data`

let id = 30
const line = (device: string, path: string, type = 'fuse.ceph-fuse') => {
  id += 1
  return `${id} 29 ${device} /dir ${path} rw,relatime shared:7 - ${type} ceph-fuse rw`
}
const paths = (...lines: string[]) => staleSubPaths(lines.join('\n'), TARGET).map(({ path }) => path)

t.test('only binds of this pod and volume, and of another file system than the target', async t => {
  const stale = staleSubPaths(
    [line('0:50', TARGET), line('0:60', TARGET), line('0:50', `${BINDS}/main/0`)].join('\n'),
    TARGET,
  )
  t.match(stale, [{ path: `${BINDS}/main/0`, container: 'main', entry: { device: '0:50' } }])
  const target = line('0:60', TARGET)
  t.strictSame(paths(target, line('0:60', `${BINDS}/main/0`)), [], 'of the mount that is there now')
  for (const [path, why] of [
    [`/var/lib/kubelet/pods/uid-2/volume-subpaths/data/main/0`, 'another pod'],
    [`${POD}/volume-subpaths/data2/main/0`, 'another volume'],
    [`${BINDS}/main/0/below`, 'below a bind'],
    [`${BINDS}/main/x`, 'no number'],
    [`${BINDS}/main`, 'no container'],
    [`/mnt${BINDS}/main/0`, 'elsewhere'],
  ] as const)
    t.strictSame(paths(target, line('0:50', path)), [], why)
  t.strictSame(paths(target, line('0:50', `${BINDS}/main/0`, 'ext4')), [], 'another type of file system')
  t.strictSame(paths(line('0:50', `${BINDS}/main/0`)), [], 'nothing is mounted on the target')
  t.strictSame(paths(line('0:60', TARGET, 'ext4'), line('0:50', `${BINDS}/main/0`)), [], 'not a volume')
})

t.test('of several mounts on one bind, the top one counts', async t => {
  const [target, low] = [line('0:60', TARGET), line('0:50', `${BINDS}/main/0`)]
  t.strictSame(paths(target, low, line('0:60', `${BINDS}/main/0`)), [])
  t.strictSame(paths(target, line('0:60', `${BINDS}/main/1`), line('0:50', `${BINDS}/main/1`)), [
    `${BINDS}/main/1`,
  ])
})

t.test('a target that is no volume of a pod has none', async t => {
  t.strictSame(
    staleSubPaths([line('0:60', '/mnt/x'), line('0:50', `${BINDS}/main/0`)].join('\n'), '/mnt/x'),
    [],
  )
  t.ok(isSubPathBind(`${BINDS}/side.car/12`))
  t.notOk(isSubPathBind(TARGET))
})
