// The run directory is full or has no inodes left: unmount works, mount says so, and nothing is called broken.
import { mkdirSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { cephflex, resultsOf } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

const SUCCESS = { status: 'Success' }

/** Makes the tmpfs full: `size` of bytes, `nr_inodes` of inodes. */
const FULL = {
  bytes: 'cat /dev/zero > "$0"/filler 2>/dev/null || test -s "$0"/filler',
  inodes: 'i=0; while : > "$0"/locks/filler-$i; do i=$((i+1)); done 2>/dev/null; test $i -gt 0',
} as const

t.test('a full run directory', async t => {
  const cluster = await startCluster(t)
  const volume = {
    monitors: cluster.monitors,
    mounter: 'fuse',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  for (const [what, fill] of Object.entries(FULL))
    await t.test(`no ${what} left`, async t => {
      const node = makeNode(t)
      const env = node.environment
      mkdirSync(node.runDirectory, { mode: 0o700 })
      await execa('mount', [
        '-t',
        'tmpfs',
        '-o',
        'size=128k,nr_inodes=40,mode=700',
        'none',
        node.runDirectory,
      ])
      const [first, second] = [node.target('first'), node.target('second')]
      t.strictSame((await node.mount(first, volume)).reply, SUCCESS)
      await execa('bash', ['-c', fill, node.runDirectory])

      const full = (await node.mount(second, volume)).reply.message
      t.match(
        full,
        new RegExp(`^ENORUNDIR: no space left in ${node.runDirectory}`),
        'mount says what is full',
      )
      t.match(full, /df -i/, 'and how to see it')
      t.strictSame(node.mountsOn(second), [])

      const status = await cephflex(['status', '--json'], { env })
      t.match(
        JSON.parse(status.out),
        [{ target: first, health: 'healthy' }],
        'status: a healthy mount is healthy',
      )
      const { mounts } = resultsOf(await cephflex(['doctor', '--json', '--check', 'mounts'], { env }))
      t.match(mounts, { status: 'pass', message: /all answer/ }, 'so does doctor')

      const run = resultsOf(await cephflex(['doctor', '--json', '--check', 'run-directory'], { env }))
      t.match(run['run-directory'], { status: 'fail', code: 'ENORUNDIR', message: /no space left in / })

      t.strictSame((await node.unmount(first)).reply, SUCCESS, 'unmount works')
      t.strictSame(node.mountsOn(first), [])
      t.match(node.log(), /"event":"not locked","reason":"no space left in /)
      t.strictSame((await node.settled()).processes, NOTHING.processes, 'no client is left')
      await execa('bash', ['-c', 'rm "$0"/filler "$0"/locks/filler-* 2>/dev/null || :', node.runDirectory])
      t.strictSame(await node.settled(), { ...NOTHING, mounts: [node.runDirectory] }, 'no file either')
    })
})
