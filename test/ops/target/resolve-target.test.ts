import t from 'tap'
import { resolveTarget } from '../../../src/ops/target/resolve-target.js'
import { type FakeFile, fakeSystem } from '../../support/fake-system.js'

const NAME = '0b8a-1/volumes/me~cephflex/data'
const TREE: Record<string, FakeFile> = {
  '/k': 'directory',
  '/k/pods': 'directory',
  '/mnt': 'directory',
  '/other': { link: '/k' },
  '/other2': 'directory',
}
const kubelet = (config = {}, tree: Record<string, FakeFile> = {}) =>
  fakeSystem({ caller: 'kubelet', config, tree: { ...TREE, ...tree } }).system
const person = fakeSystem({ tree: TREE }).system

t.equal(resolveTarget(kubelet(), `/k/pods/${NAME}`), `/k/pods/${NAME}`, "a pod's volume")
t.equal(resolveTarget(kubelet(), `/other/pods/${NAME}`), `/k/pods/${NAME}`, 'links above pods are followed')
t.equal(
  resolveTarget(kubelet({ kubeletRoots: ['/k'] }), `/k/pods/${NAME}`),
  `/k/pods/${NAME}`,
  'below its root',
)
t.equal(
  resolveTarget(kubelet({ kubeletRoots: ['/other'] }), `/k/pods/${NAME}`),
  `/k/pods/${NAME}`,
  'a root may be a link',
)
t.equal(resolveTarget(person, '/mnt/data'), '/mnt/data', 'a person may name any directory')
t.equal(resolveTarget(person, '/other/data'), '/k/data', 'through a link too')

const REFUSED = [
  '/mnt/data',
  '/k/pods/u/volumes/data',
  '/k/pods/u/volumes/cephflex/data',
  '/k/pods/u/volumes/a~b/c/d',
  '/k/pods/u/x/volumes/a~b/c',
  '/k/pods/u/volume-subpaths/a~b/c',
  '/k/pods',
]
for (const target of REFUSED)
  t.throws(
    () => resolveTarget(kubelet(), target),
    { code: 'EBADREQUEST' },
    `the kubelet never names ${target}`,
  )
t.throws(
  () => resolveTarget(kubelet({ kubeletRoots: ['/k'] }), `/other2/pods/${NAME}`),
  { code: 'EBADREQUEST', message: '/other2/pods is not the directory "pods" of /k' },
  'nor a target below another root',
)
t.equal(
  resolveTarget(kubelet({ kubeletRoots: ['/k'] }), `/other2/pods/${NAME}`, 'unmount'),
  `/other2/pods/${NAME}`,
  'which can still be unmounted',
)
const linked = { '/k/pods/0b8a-1': { link: '/etc' } } as const
for (const system of [kubelet({}, linked), fakeSystem({ tree: { ...TREE, ...linked } }).system])
  t.throws(
    () => resolveTarget(system, `/k/pods/${NAME}`),
    { code: 'EBADREQUEST', message: '/k/pods/0b8a-1 is a symbolic link' },
    'a link below pods is refused for the kubelet and for people',
  )
