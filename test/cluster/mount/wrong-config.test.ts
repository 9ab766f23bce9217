// A wrong node configuration stops mounts, and no unmount.
import { mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { cephflex } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

const SUCCESS = { status: 'Success' }

t.test('a wrong node configuration', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const volume = {
    monitors: cluster.monitors,
    mounter: 'fuse',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  const good = readFileSync(node.configFile, 'utf8')
  const target = node.target()
  const mounts = async (name: string, message: RegExp) => {
    const { reply } = await node.mount(target, volume)
    t.match(reply.message, message, `${name}: mount names the file and the key`)
  }

  t.strictSame((await node.mount(target, volume)).reply, SUCCESS)
  writeFileSync(node.configFile, good.replace('{', '{"recovrey": true, "timeoutSeconds": "soon", '))
  await mounts(
    'a misspelt key',
    new RegExp(`Hint: correct .*"recovrey".* in ${node.configFile} on this node`),
  )
  for (const [command, shown] of [
    ['status', target],
    ['logs', 'EBADCONFIG'],
    ['metrics', 'cephflex_mounts'],
  ] as const) {
    const { code, out, err } = await cephflex([command], { env: node.environment })
    t.equal(code, 0, `${command} works: ${err}`)
    t.match(out, shown, command)
    t.match(err, /^note: the default is used for what is wrong in .*"recovrey"/, command)
  }
  t.strictSame((await node.unmount(target)).reply, SUCCESS, 'a misspelt key: unmount works')
  t.strictSame(node.mountsOn(target), [])
  t.strictSame(await node.settled(), NOTHING, 'the valid keys count, so nothing is left')
  t.match(node.log(), /"event":"wrong configuration"/, 'the log has the reason')

  writeFileSync(node.configFile, good)
  t.strictSame((await node.mount(target, volume)).reply, SUCCESS)
  writeFileSync(node.configFile, good.slice(1))
  await mounts('no JSON', new RegExp(`Hint: correct the JSON in ${node.configFile} on this node`))
  t.strictSame((await node.unmount(target)).reply, SUCCESS, 'no JSON: unmount works')
  t.strictSame(node.mountsOn(target), [])

  const FILES: Record<string, () => unknown> = {
    'a directory': () => mkdirSync(node.configFile),
    'a FIFO': () => execa('mkfifo', [node.configFile]),
    'a device': () => execa('mknod', [node.configFile, 'c', '1', '5']),
    'a link to nothing': () => symlinkSync('/no/such/file', node.configFile),
    'a list': () => writeFileSync(node.configFile, '[]'),
  }
  for (const [name, make] of Object.entries(FILES)) {
    await execa('rm', ['-rf', node.configFile])
    await make()
    if (name !== 'a list')
      await mounts(name, new RegExp(`EBADCONFIG: ${node.configFile} .*Hint: make ${node.configFile}`))
    t.strictSame((await node.unmount(target)).reply, SUCCESS, `${name}: unmount works`)
  }
  await execa('rm', ['-rf', node.configFile])

  // other file systems are left alone, whatever the configuration is
  writeFileSync(node.configFile, '{')
  await execa('mount', ['-t', 'tmpfs', 'none', target])
  t.match((await node.unmount(target)).reply.message, /^EOCCUPIED: .* type tmpfs/)
  await execa('umount', [target])
  unlinkSync(node.configFile)
})
