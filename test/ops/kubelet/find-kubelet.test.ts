import t from 'tap'
import { findKubelet, kubeletRoot } from '../../../src/ops/kubelet/find-kubelet.js'
import { findPluginDir } from '../../../src/ops/kubelet/find-plugin-dir.js'
import { listMounts } from '../../../src/ops/node/inventory.js'
import { type FakeFile, fakeSystem, mountLine } from '../../support/fake-system.js'
import { KUBELETS } from '../../support/kubelets.js'

type Tree = Record<string, FakeFile>

/** The files and all directories above them. */
const treeOf = (texts: Record<string, string>): Tree =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([path, text]) => [
      ...[...path.matchAll(/\//g)].slice(1).map(({ index }) => [path.slice(0, index), 'directory'] as const),
      [path, { text }] as const,
    ]),
  )
const processOf = (pid: number, name: string, argv: readonly string[], root = '') => ({
  [`${root}/proc/${pid}/comm`]: `${name}\n`,
  [`${root}/proc/${pid}/cmdline`]: argv.map(word => `${word}\0`).join(''),
})
const node = (texts: Record<string, string>) => fakeSystem({ tree: treeOf(texts) })

for (const { title, name, argv, files = {}, pluginDir, rootDir } of KUBELETS)
  t.test(title, async t => {
    for (const root of ['', '/host']) {
      const texts = Object.fromEntries(Object.entries(files).map(([path, text]) => [`${root}${path}`, text]))
      const { system } = node({ ...texts, ...processOf(42, name, argv, root) })
      const { directory, foundBy, kubelet, notes } = findPluginDir(system, '/opt/cephflex', root)
      t.strictSame([directory, kubelet?.rootDir, kubelet?.pid, notes], [pluginDir, rootDir, 42, []])
      t.match(foundBy, /process 42/)
    }
  })

t.test('the files of a kubelet in a container come first', async t => {
  const { system } = node({
    ...processOf(42, 'kubelet', ['kubelet', '--config=/config.yaml']),
    ...processOf(7, 'kubelet', []),
    '/config.yaml': 'volumePluginDir: /of/the/node',
    '/proc/42/root/config.yaml': 'volumePluginDir: /of/the/container',
  })
  t.match(
    findKubelet(system),
    { pid: 42, pluginDir: { path: '/of/the/container' } },
    'and the zombie is ignored',
  )
})

t.test('no running kubelet', async t => {
  t.match(findPluginDir(node({}).system, '/opt/cephflex'), {
    directory: '/usr/libexec/kubernetes/kubelet-plugins/volume/exec',
    foundBy: /default/,
    kubelet: undefined,
  })
  t.match(findPluginDir(node({}).system, '/p/a~b/b'), { directory: '/p', foundBy: /this program/ })
  const unreadable = node({
    ...processOf(42, 'kubelet', ['kubelet', '--config=/gone']),
    '/etc/kubernetes/volumeplugins/x': '',
  })
  t.match(findPluginDir(unreadable.system, '/opt/cephflex'), {
    directory: '/etc/kubernetes/volumeplugins',
    notes: [/cannot read \/gone/],
  })
})

t.test('mounts below another root directory are found', async t => {
  const volume = 'pods/1-2/volumes/cephflex~cephfs/data'
  const fake = node(processOf(42, 'k3s-agent', ['k3s', 'agent', '--kubelet-arg=root-dir=/data/kubelet']))
  fake.table.push(
    mountLine(`/data/kubelet/${volume}`, 'ceph', 1),
    mountLine(`/elsewhere/${volume}`, 'ceph', 2),
  )
  t.strictSame(
    listMounts(fake.system).map(({ target }) => target),
    [`/data/kubelet/${volume}`],
  )
  fake.tree.set('/data', 'directory')
  fake.tree.set('/data/kubelet', { link: '/elsewhere' })
  fake.tree.set('/elsewhere', 'directory')
  t.equal(kubeletRoot(fake.system), '/elsewhere', 'a link is resolved, as in the mount table')
})
