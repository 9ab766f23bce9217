// What a call leaves besides the mount - log, socket, state, kept key, lock - never makes it fail.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, type TestNode } from '../../lab/node.js'
import { cephflex, resultsOf } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

const SUCCESS = { status: 'Success' }

const sh = (script: string, ...args: string[]) => execa('sh', ['-ec', script, 'sh', ...args])

/** Replaces a file by something that no call expects there. */
const REPLACED: Readonly<Record<string, string>> = {
  'a directory': 'rm -rf "$1"; mkdir "$1"; touch "$1/x"',
  'a FIFO': 'rm -rf "$1"; mkfifo "$1"',
  'a device': 'rm -rf "$1"; mknod "$1" c 1 5',
  'a socket':
    'rm -rf "$1"; python3 -c "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])" "$1"',
  'a link to itself': 'rm -rf "$1"; ln -s "$1" "$1"',
  'an immutable file': 'rm -rf "$1"; echo x > "$1"; chattr +i "$1"',
}

t.test('by-products', async t => {
  const cluster = await startCluster(t)
  const volume = {
    monitors: cluster.monitors,
    mounter: 'fuse',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }

  /** A node whose immutable and read-only places can be removed at its end. */
  const nodeOf = (t: Test, config = {}) => {
    const node = makeNode(t, { recovery: true, ...config })
    t.teardown(() => sh('chattr -R -f -i "$1" || :; umount -l "$1"/log "$1"/run 2>/dev/null || :', node.dir))
    return node
  }
  const unmounts = async (t: Test, node: TestNode, target: string, title: string) => {
    const { reply, ms } = await node.unmount(target)
    t.strictSame(reply, SUCCESS, title)
    t.strictSame(node.mountsOn(target), [], `${title}: it is unmounted`)
    t.ok(ms < 40_000, `${title}: no call hangs`)
  }

  /** Each file of a mount, found as the driver has named it. */
  const fileOf = (directory: string, name: RegExp) => {
    const found = readdirSync(directory).find(each => name.test(each))
    if (found === undefined) throw new Error(`${directory} has no ${name}`)
    return `${directory}/${found}`
  }

  await t.test('whatever stands where a file was', async t => {
    const node = nodeOf(t)
    const kinds = Object.entries(REPLACED)
    for (let round = 0; round < 2; round += 1) {
      const target = node.target()
      t.strictSame((await node.mount(target, volume)).reply, SUCCESS, 'it mounts with what is there now')
      const files = [
        node.logFile,
        fileOf(`${node.dir}/log`, /^client-/),
        fileOf(`${node.runDirectory}/state`, /\.json$/),
        fileOf(`${node.runDirectory}/clients`, /\.asok$/),
        // the run directory is not in memory
        fileOf(`${node.keyrings}/kept`, /./),
      ]
      const kindOf = (i: number) => kinds[(i + 3 * round) % kinds.length] ?? ['', '']
      const spoiled = files.map((file, i) => ({ file, what: kindOf(i)[0], script: kindOf(i)[1] }))
      for (const { file, script } of spoiled) await sh(script, file)
      const titles = spoiled.map(({ file, what }) => `${basename(dirname(file))}: ${what}`)
      await unmounts(t, node, target, titles.join(', '))
      for (const file of files.slice(1)) await sh('chattr -f -i "$1" || :; rm -rf "$1"', file)
    }
  })

  const places: Record<string, (node: TestNode) => Promise<unknown>> = {
    'a read-only log directory': node =>
      sh('mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"', `${node.dir}/log`),
    'a full log directory': node =>
      sh('mount -t tmpfs -o size=4k,nr_inodes=1,mode=700 none "$1"', `${node.dir}/log`),
    'a log directory that is a file': node => sh('rm -r "$1"; touch "$1"', `${node.dir}/log`),
  }
  for (const [title, spoil] of Object.entries(places))
    await t.test(title, async t => {
      const node = nodeOf(t)
      const [before, after] = [node.target('before'), node.target('after')]
      t.strictSame((await node.mount(before, volume)).reply, SUCCESS)
      await spoil(node)
      await unmounts(t, node, before, 'what was mounted before')
      t.strictSame((await node.mount(after, volume)).reply, SUCCESS, 'it can mount')
      await unmounts(t, node, after, 'what was mounted since')
      const env = node.environment
      const doctor = resultsOf(await cephflex(['doctor', '--json', '--check', 'log-directory'], { env }))
      t.match(doctor['log-directory'], { status: 'warn', message: /^calls work, but leave no log: / })
      const logs = await cephflex(['logs'], { env })
      t.match(logs, { code: 0, err: /note: calls leave no log: / }, 'logs says why it has no newer line')
      const { code, out } = await cephflex(['metrics'], { env })
      t.equal(code, 0, 'metrics are printed')
      t.match(out, /cephflex_mounts\{/)
    })

  const locks: Record<string, (node: TestNode) => Promise<unknown>> = {
    'a read-only run directory with a lock that nobody holds': node =>
      sh(
        'state=$(ls "$1"/state); lock="$1"/locks/$(basename "$state" .json); mkdir "$lock"; touch "$lock"/x; ' +
          'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"',
        node.runDirectory,
      ),
    'an immutable run directory': node => sh('chattr -f +i "$1"/* "$1"/state/* "$1"', node.runDirectory),
    'a run directory that is a FIFO': node => sh('mv "$1" "$1".old; mkfifo "$1"', node.runDirectory),
  }
  for (const [title, spoil] of Object.entries(locks))
    await t.test(title, async t => {
      const node = nodeOf(t)
      const target = node.target()
      t.strictSame((await node.mount(target, volume)).reply, SUCCESS)
      await spoil(node)
      await unmounts(t, node, target, title)
      t.match(readFileSync(node.logFile, 'utf8'), /"event":"not locked"/, 'the log has the reason')
    })
})
