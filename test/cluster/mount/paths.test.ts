// Links cannot redirect a mount or an unmount out of the pod's directory.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { isCephFS, parseMountInfo } from '../../../src/core/target/mount-table.js'
import { startCluster } from '../../lab/cluster.js'
import { DRIVER, makeNode, NOTHING } from '../../lab/node.js'
import { base64 } from '../../support/volumes.js'

const RACES = 8

/** Swaps DIR for a link to ELSEWHERE and back, until its stdin ends. */
const SWAPPER = `
dir=$1 elsewhere=$2
while :; do
  mv -T "$dir" "$dir.real"; ln -s "$elsewhere" "$dir"
  rm "$dir"; mv -T "$dir.real" "$dir"
done`

/** Restores DIR, wherever the swapper was stopped. */
const putBack = (directory: string) => {
  if (!existsSync(`${directory}.real`)) return
  rmSync(directory, { force: true, recursive: true })
  renameSync(`${directory}.real`, directory)
}

const codeOf = ({ message = 'Success' }: { message?: string }): string => message.split(':')[0] ?? ''

const mountsBelow = (directory: string) =>
  parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8'))
    .filter(isCephFS)
    .map(({ mountPoint }) => mountPoint)
    .filter(path => path.startsWith(`${directory}/`))

t.test('targets', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const options = JSON.stringify({
    monitors: cluster.monitors,
    timeoutSeconds: '20',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  })
  const elsewhere = mkdtempSync('/tmp/cephflex-elsewhere-')
  t.teardown(async () => {
    for (const path of mountsBelow(elsewhere)) await execa('umount', ['-c', '-l', path], { reject: false })
    rmSync(elsewhere, { recursive: true, force: true })
  })
  mkdirSync(`${elsewhere}/data`)

  await t.test('a link in the place of any directory below pods', async t => {
    const target = node.target()
    const plugin = dirname(target)
    for (const level of [plugin, dirname(plugin), dirname(dirname(plugin))]) {
      renameSync(level, `${level}.real`)
      symlinkSync(`${level}.real`, level)
      for (const args of [
        ['mount', target, options],
        ['unmount', target],
      ])
        t.match((await node.call(...args)).reply, {
          status: 'Failure',
          message: new RegExp(`^EBADREQUEST: ${level} is a symbolic link`),
        })
      rmSync(level)
      renameSync(`${level}.real`, level)
    }
    chmodSync(plugin, 0o777)
    t.match(
      (await node.mount(target, JSON.parse(options))).reply.message,
      /is writable by users other than root/,
    )
    chmodSync(plugin, 0o750)
    rmSync(target, { recursive: true })
    symlinkSync(elsewhere, target)
    t.match((await node.mount(target, JSON.parse(options))).reply.message, /is a symbolic link/)
    rmSync(target)
    t.strictSame([node.leftovers(), mountsBelow(elsewhere)], [NOTHING, []])
  })

  await t.test(`${RACES} mounts while a directory is swapped for a link in a loop`, async t => {
    const target = node.target()
    const swapper = execa('sh', ['-c', SWAPPER, 'swapper', dirname(target), elsewhere], { reject: false })
    const codes: Record<string, number> = {}
    for (let i = 0; i < RACES; i += 1) {
      const code = codeOf((await node.call('mount', target, options)).reply)
      codes[code] = (codes[code] ?? 0) + 1
      t.strictSame(mountsBelow(elsewhere), [], `never elsewhere (${code})`)
      if (code === 'Success') await node.unmount(target)
    }
    swapper.kill('SIGKILL')
    await swapper
    t.comment(JSON.stringify(codes))
    if (!t.passing()) t.comment(node.log())
    putBack(dirname(target))
    t.strictSame((await node.unmount(target)).reply, { status: 'Success' })
    t.strictSame(node.leftovers(), NOTHING, 'nothing is left')
    t.ok((codes['Success'] ?? 0) < RACES, 'the swaps met the calls')
  })

  await t.test('the targets that the kubelet may use', async t => {
    const plugins = `${node.dir}/plugins/cephflex~cephfs`
    mkdirSync(plugins, { recursive: true })
    const program = `${plugins}/cephfs`
    const node2 = process.execPath
    if (DRIVER.endsWith('.js'))
      writeFileSync(
        program,
        `#!/bin/sh\nexec '${node2}' -e "process.argv.splice(1, 0, '$0'); import('${DRIVER}')" -- "$@"\n`,
        { mode: 0o755 },
      )
    else symlinkSync(DRIVER, program)
    const call = async (args: string[], file = program) => (await node.finish(node.start(args, file))).reply
    mkdirSync(`${node.dir}/by-hand`)
    for (const args of [
      ['mount', `${node.dir}/by-hand`, options],
      ['unmount', `${node.dir}/by-hand`],
    ]) {
      const { message } = await call(args)
      t.match(message, /^EBADREQUEST: .*\/by-hand is not KUBELET\/pods\/UID/, `${args[0]}: the kubelet`)
      t.strictSame(await call(args, DRIVER), { status: 'Success' }, `${args[0]}: a person`)
    }
    const target = node.target()
    t.strictSame(await call(['mount', target, options]), { status: 'Success' })
    t.strictSame(await call(['unmount', target]), { status: 'Success' })
    const config = JSON.parse(readFileSync(node.configFile, 'utf8')) as object
    const roots = async (kubeletRoots: string[]) => {
      writeFileSync(node.configFile, JSON.stringify({ ...config, kubeletRoots }))
      return (await call(['mount', target, options])).status
    }
    t.equal(await roots(['/var/lib/kubelet']), 'Failure', 'another root')
    t.equal(await roots(['/var/lib/kubelet', node.dir]), 'Success', 'a target of its own')
    t.strictSame(await call(['unmount', target]), { status: 'Success' })
    t.strictSame(node.leftovers(), NOTHING)
  })

  await t.test('secretFile reveals nothing about other files', async t => {
    const keys = `${node.dir}/keys`
    mkdirSync(keys, { mode: 0o700 })
    writeFileSync(`${keys}/good`, cluster.adminKey, { mode: 0o600 })
    writeFileSync(`${node.dir}/outside`, cluster.adminKey, { mode: 0o600 })
    symlinkSync(`${node.dir}/outside`, `${keys}/link`)
    symlinkSync(`${node.dir}/nowhere`, `${keys}/dangling`)
    const limited = makeNode(t, { secretDirectories: [keys] })
    const target = limited.target()
    const answerFor = async (secretFile: string) => {
      const { reply } = await limited.mount(target, { monitors: cluster.monitors, secretFile })
      return reply.message?.replaceAll(secretFile, 'FILE') ?? reply.status
    }
    t.equal(await answerFor(`${keys}/good`), 'Success', 'an allowed file')
    await limited.unmount(target)
    const existing = await answerFor(`${node.dir}/outside`)
    t.match(existing, /^EBADOPTIONS: secretFile must be below/)
    t.equal(
      await answerFor(`${node.dir}/nowhere`),
      existing,
      'outside: the same answer for an existing and a missing file',
    )
    t.equal(await answerFor('/etc/shadow'), existing)
    t.equal(
      await answerFor(`${keys}/link`),
      await answerFor(`${keys}/dangling`),
      'through a link: the same answer',
    )
    t.equal(
      await answerFor(`${keys}/link`),
      await answerFor(`${keys}/none`),
      'and the same as for a missing file',
    )
    t.strictSame(limited.leftovers(), NOTHING)
  })
})
