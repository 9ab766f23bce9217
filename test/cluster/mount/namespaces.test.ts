// The kubelet has a mount namespace or a root directory of its own: a pod never runs on the directory below a volume.
import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { shareNode, startNamespace } from '../../lab/namespace.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { base64 } from '../../support/volumes.js'

const HIDDEN = { status: 'Failure', message: /^EHIDDEN: .*rshared.*Bidirectional/ }
const SUCCESS = { status: 'Success' }

t.test('a mount in another namespace than the container runtime', async t => {
  const cluster = await startCluster(t)
  const volume = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  const setUp = async (t: Test) => {
    const node = makeNode(t)
    await shareNode(t, node)
    return { node, target: node.target() }
  }
  const leftovers = async (node: ReturnType<typeof makeNode>) => {
    const { mounts, files, processes } = await node.settled()
    return { mounts: mounts.filter(path => path !== node.dir), files, processes }
  }
  type Kind = Omit<Parameters<typeof startNamespace>[2], 'prepare'> & {
    prepare?: (dir: string) => string
    reply: typeof HIDDEN | typeof SUCCESS
    why?: RegExp
  }
  const pidSpace = ['--pid', '--fork', '--kill-child']
  const kinds: Record<string, Kind> = {
    'slave, as with PrivateTmp': { propagation: 'slave', reply: HIDDEN, why: /is slave/ },
    'slave that is shared again, as with a unit of systemd': {
      propagation: 'slave',
      prepare: () => 'mount --make-rshared /',
      reply: HIDDEN,
      why: /is slave/,
    },
    private: { propagation: 'private', reply: HIDDEN, why: /is private/ },
    'shared with the node': { propagation: 'unchanged', reply: SUCCESS },
    'a container whose directory is another one of the node': {
      propagation: 'unchanged',
      prepare: dir =>
        [
          `mkdir -p ${dir}/data`,
          `cp -a ${dir}/pods ${dir}/data`,
          'mount -t tmpfs tmpfs /mnt',
          'mkdir /mnt/pods',
          `mount --bind ${dir}/data/pods /mnt/pods`,
          `mount --make-private ${dir}`,
          `mount --bind /mnt/pods ${dir}/pods`,
        ].join('; '),
      why: /the node shows the mount on .*\/data\/pods\//,
      reply: HIDDEN,
    },
    'a PID namespace, private': {
      propagation: 'private',
      flags: [...pidSpace, '--mount-proc'],
      reply: HIDDEN,
      why: /is private/,
    },
    'a PID namespace, slave': { propagation: 'slave', flags: [...pidSpace, '--mount-proc'], reply: HIDDEN },
    'a PID namespace, shared': {
      propagation: 'unchanged',
      flags: pidSpace,
      prepare: () => 'mount -t proc proc /proc',
      reply: SUCCESS,
    },
    'a namespace of the container runtime, too': {
      propagation: 'private',
      comm: 'containerd',
      reply: SUCCESS,
    },
    'the same in a PID namespace: the node is a container': {
      propagation: 'private',
      flags: [...pidSpace, '--mount-proc'],
      comm: 'containerd',
      reply: SUCCESS,
    },
  }
  for (const [title, { reply, why, prepare, ...kind }] of Object.entries(kinds))
    await t.test(title, async t => {
      const { node, target } = await setUp(t)
      const space = await startNamespace(t, node, {
        ...kind,
        ...(prepare ? { prepare: prepare(node.dir) } : {}),
      })
      const found = await space.mount(target, volume)
      t.match(found, reply)
      if (why) t.match(found.message, why)
      if (reply === SUCCESS) t.strictSame(await space.unmount(target), SUCCESS)
      t.strictSame(await leftovers(node), NOTHING, 'nothing is left')
      const table = await space.inside('cat', ['/proc/self/mountinfo'])
      t.notMatch(table.stdout, target, 'nor in the namespace')
      t.strictSame(readdirSync(target), [])
    })
})
