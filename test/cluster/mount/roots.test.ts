// The kubelet has another root directory than the node, or other names for the same directories.
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { shareNode, startNamespace } from '../../lab/namespace.js'
import { DRIVER, makeNode } from '../../lab/node.js'
import { asItIs } from '../../support/coverage.js'
import { base64 } from '../../support/volumes.js'

const HIDDEN = { status: 'Failure', message: /^EHIDDEN: .*rshared.*Bidirectional/ }
const SUCCESS = { status: 'Success' }

t.test('a mount under another root directory than that of the container runtime', async t => {
  const cluster = await startCluster(t)
  const volume = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  const setUp = async (t: Test) => {
    const node = makeNode(t)
    await shareNode(t, node)
    return { node, target: node.target() }
  }

  await t.test('another root directory in the same namespace', async t => {
    const { node, target } = await setUp(t)
    const root = `${node.dir}/root`
    mkdirSync(root)
    // not recursive: the mounts of other tests stay theirs
    await execa('mount', ['--bind', '/', root])
    for (const directory of ['proc', 'dev'])
      await execa('mount', ['--rbind', `/${directory}`, `${root}/${directory}`])
    await execa('mount', ['--make-rprivate', root])
    t.teardown(() => execa('umount', ['-c', '-l', root], { reject: false }))
    const argv = [root, process.execPath, DRIVER, 'mount', target, JSON.stringify(volume)]
    const { stdout } = await execa(...asItIs('chroot', argv), { env: node.environment, stdin: 'ignore' })
    t.match(JSON.parse(stdout), HIDDEN)
    t.match(stdout, `the node shows the mount on ${root}${target}`)
    t.notMatch(readFileSync('/proc/self/mountinfo', 'utf8'), `${target} `)
  })

  await t.test('the node has a link where the container has the directory', async t => {
    const { node } = await setUp(t)
    const target = `${node.dir}/kubelet/pods/u/volumes/cephflex~cephfs/data`
    mkdirSync(`${node.dir}/real/pods/u/volumes/cephflex~cephfs/data`, { recursive: true })
    mkdirSync(`${node.dir}/names`)
    symlinkSync('../real', `${node.dir}/names/kubelet`)
    symlinkSync(`${node.dir}/names/kubelet`, `${node.dir}/kubelet`)
    // its own names, and the directory of the node below one of them
    const prepare = [
      'mount -t tmpfs tmpfs /mnt',
      'mkdir /mnt/real',
      `mount --bind ${node.dir}/real /mnt/real`,
      `mount -t tmpfs tmpfs /srv`,
      `cp -a ${node.dir}/config.json ${node.dir}/bin /srv`,
      `mount --make-private ${node.dir}`,
      `mount --bind /srv ${node.dir}`,
      `mkdir ${node.dir}/kubelet`,
      `mount --bind /mnt/real ${node.dir}/kubelet`,
    ]
    const space = await startNamespace(t, node, { propagation: 'unchanged', prepare: prepare.join('; ') })
    t.strictSame(await space.mount(target, volume), SUCCESS)
    t.equal(node.mountsOn(target.replace('/kubelet/', '/real/'))[0]?.fsType, 'fuse.ceph-fuse')
    t.strictSame(await space.unmount(target), SUCCESS)
  })

  await t.test('a directory that is no volume of a pod needs no runtime', async t => {
    const { node } = await setUp(t)
    const byHand = `${node.dir}/by-hand`
    mkdirSync(byHand)
    const space = await startNamespace(t, node, { propagation: 'private' })
    t.strictSame(await space.mount(byHand, volume), SUCCESS)
    t.strictSame(await space.unmount(byHand), SUCCESS)
  })
})
