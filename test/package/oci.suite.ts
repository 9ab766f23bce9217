// The OCI image: its contents, and install.sh run from it, as a DaemonSet would, with a Debian as the node.

import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import t from 'tap'
import { recordEvents, sizeOf } from '../install/watch.js'
import { signal } from '../lab/signal.js'
import { type Image, Layout, unpackImage } from './oci.js'
import { DRIVER, IMAGE, PKG, PLUGINS, VERSION } from './release.js'

t.setTimeout(900_000)

const PROGRAMS = { amd64: 'cephflex-linux-x64', arm64: 'cephflex-linux-arm64' } as const
/** e_machine of ELF. */
const MACHINES = { amd64: 62, arm64: 183 } as const

const work = fs.mkdtempSync('/tmp/cephflex-oci-')
t.teardown(() => fs.rmSync(work, { recursive: true }))
await execa('tar', ['-xf', IMAGE, '-C', work])
const layout = new Layout(work)
const images = layout.images()

t.test('the layout follows the specification, and skopeo reads it', async t => {
  t.strictSame(Object.keys(images), ['amd64', 'arm64'])
  t.equal(layout.blobs(), 1 + 2 * 5, 'an index; for each processor manifest, settings and three layers')
  t.equal(JSON.parse(fs.readFileSync(join(work, 'oci-layout'), 'utf8')).imageLayoutVersion, '1.0.0')
  for (const arch of ['amd64', 'arm64']) {
    const { stdout } = await execa('skopeo', ['inspect', '--override-arch', arch, `oci-archive:${IMAGE}`])
    const seen = JSON.parse(stdout)
    t.match(seen, {
      Architecture: arch,
      Os: 'linux',
      Labels: { 'org.opencontainers.image.version': VERSION },
    })
  }
  const name = JSON.parse(fs.readFileSync(join(work, 'index.json'), 'utf8')).manifests[0].annotations
  t.equal(name['io.containerd.image.name'], `docker.io/library/cephflex:${VERSION}`)
})

for (const arch of ['amd64', 'arm64'] as const) {
  t.test(`the files for ${arch}`, async t => {
    const image = images[arch] as Image
    const root = join(work, arch)
    await unpackImage(image, root)
    const layers = image.layers.map(layer => {
      const digest = createHash('sha256')
        .update(gunzipSync(fs.readFileSync(layer)))
        .digest('hex')
      return `sha256:${digest}`
    })
    t.strictSame(image.config.rootfs.diff_ids, layers)
    const programs = await Promise.all(image.layers.map(programsIn))
    t.strictSame(programs, [[], [`${PROGRAMS[arch]}-bun`], [PROGRAMS[arch]]], 'one layer for each engine')
    t.equal(image.config.architecture, arch)
    t.strictSame(fs.readdirSync(join(root, 'opt/cephflex')), [
      'SHA256SUMS',
      PROGRAMS[arch],
      `${PROGRAMS[arch]}-bun`,
      'install.sh',
    ])
    await execa('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: join(root, 'opt/cephflex') })
    const binary = `opt/cephflex/${PROGRAMS[arch]}`
    for (const program of ['bin/busybox', binary, `${binary}-bun`])
      t.equal(
        fs.readFileSync(join(root, program)).readUInt16LE(18),
        MACHINES[arch],
        `${program} is for ${arch}`,
      )
    t.equal(fs.readlinkSync(join(root, 'bin/sh')), 'busybox')
    const { stdout: dynamic } = await execa('readelf', ['--dynamic', join(root, 'bin/busybox')])
    t.notMatch(dynamic, 'NEEDED', 'busybox is static: there is no libc')
    const { stdout: foreign } = await execa('find', [
      root,
      '!',
      '-user',
      'root',
      '-o',
      '-perm',
      '/7022',
      '!',
      '-type',
      'l',
    ])
    t.equal(foreign, '', 'everything belongs to root, and is writable by no other user')
  })
}

t.test('how it runs', async t => {
  const { description } = JSON.parse(fs.readFileSync('package.json', 'utf8'))
  for (const { config } of Object.values(images)) {
    const { Cmd, ...rest } = config.config
    const busybox = rest.Labels['busybox.version']
    t.match(busybox, /^1:1\.\d+/)
    t.strictSame(rest, {
      Env: ['PATH=/bin'],
      WorkingDir: '/',
      Labels: {
        'org.opencontainers.image.title': 'cephflex',
        'org.opencontainers.image.description': description,
        'org.opencontainers.image.version': VERSION,
        'org.opencontainers.image.licenses': 'Apache-2.0 AND MIT AND GPL-2.0-only',
        'busybox.version': busybox,
      },
    })
    t.strictSame(Cmd.slice(0, 2), ['/bin/sh', '-c'])
    t.match(Cmd[2], /wait \$!/, 'the words of CMD are not expanded')
  }
})

/** The names of the driver's binaries in a layer. */
async function programsIn(layer: string): Promise<string[]> {
  const { stdout } = await execa('tar', ['-tzf', layer])
  return [...stdout.matchAll(/^(?:\.\/)?opt\/cephflex\/(cephflex-linux-.*)$/gm)].map(([, name = '']) => name)
}

/** Each path with its kind, mode, target and contents. */
const listing = async (root: string): Promise<string[]> => {
  const { stdout: paths } = await execa('find', [root, '-mindepth', '1', '-printf', '%P %y %m %l\n'])
  const sums = await execa('sh', ['-c', 'find . -type f -exec sha256sum {} +'], { cwd: root })
  return [...paths.split('\n'), ...sums.stdout.split('\n')].sort()
}

t.test('the folder for container engines has the same contents', async t => {
  for (const arch of ['amd64', 'arm64']) {
    const layers = ['tools', 'bun', 'node'].map(layer => listing(join(PKG, 'image', arch, layer)))
    const files = [...new Set((await Promise.all(layers)).flat())].sort()
    t.strictSame(files, await listing(join(work, arch)), arch)
    t.ok(files.length > 200, 'all of them')
  }
  const shipped = fs.readFileSync('src/assets/Dockerfile', 'utf8').split('\n')
  const there = fs.readFileSync(join(PKG, 'image/Dockerfile'), 'utf8').split('\n')
  t.strictSame(
    there.map((line, i) => (line === shipped[i] ? '' : line.replace(/=.*/, ''))).filter(line => line !== ''),
    ['ARG VERSION', 'ARG BUSYBOX'],
    'the Dockerfile is the shipped one, with values',
  )
})

/**
 * The image with a node's root at /host, as the kubelet runs the DaemonSet of src/assets: its own tools and
 * environment, a read-only root file system, and only the capability for chroot.
 */
function container(root: string, host: string, image: Image, command: string[]) {
  const mounts = [
    `mkdir -p ${root}/host ${root}/dev ${root}/proc ${host}/proc`,
    `mount --bind ${root} ${root}`,
    `mount --rbind ${host} ${root}/host`,
    `mount --rbind /dev ${root}/dev`,
    `mount -t proc proc ${root}/proc`,
    `mount -t proc proc ${root}/host/proc`,
    `mount -o remount,ro,bind ${root}`,
  ]
  const powers = [
    '/usr/bin/setpriv',
    '--bounding-set',
    '-all,+sys_chroot',
    '--inh-caps',
    '-all',
    '--no-new-privs',
  ]
  const start = ['env', '-i', ...image.config.config.Env, ...powers, '/usr/sbin/chroot', root, ...command]
  const spaces = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private']
  const script = `${mounts.join('\n')}\nexec "$@"`
  return execa('unshare', [...spaces, 'sh', '-ec', script, 'sh', ...start], {
    reject: false,
    all: true,
    stdin: 'ignore',
  })
}

t.test('as a DaemonSet: installs once, changes nothing again, upgrades in place', async t => {
  const image = images['amd64'] as Image
  const root = join(work, 'amd64')
  const host = join(work, 'node')
  const { stdout: archive } = await execa('sh', ['test/lab/debian/debian-root.sh'], { stderr: 'inherit' })
  fs.mkdirSync(host)
  await execa('tar', ['-xf', archive, '-C', host])
  const plugins = join(host, PLUGINS)
  fs.mkdirSync(plugins, { recursive: true })
  const size = sizeOf(join(root, 'opt/cephflex', `${PROGRAMS.amd64}-bun`))
  const install = () => container(root, host, image, ['/opt/cephflex/install.sh', '--root', '/host'])

  // Bun needs /proc, which every node has
  const script = 'mount -t proc proc "$0/proc"; exec /usr/sbin/chroot "$0" "$@"'
  const onNode = async (...args: string[]) =>
    (await execa('unshare', ['--mount', 'sh', '-ec', script, host, join(PLUGINS, DRIVER), ...args])).stdout

  let events = recordEvents(plugins, DRIVER, [size], sizeOf)
  const first = await install()
  t.equal(first.exitCode, 0, first.all)
  t.strictSame([await events.stop(), events.wrong], [['cephflex~cephfs'], []], 'it appears once, complete')
  t.match(await onNode('init'), /^\{"status":"Success",/)

  events = recordEvents(plugins, DRIVER, [size], sizeOf)
  const second = await install()
  t.equal(second.exitCode, 0, second.all)
  t.strictSame(await events.stop({ dots: true }), [], 'a second run makes no event')

  fs.appendFileSync(join(plugins, DRIVER), 'older')
  const older = String(Number(size) + 5)
  events = recordEvents(plugins, DRIVER, [older, size], sizeOf)
  const upgrade = await install()
  t.equal(upgrade.exitCode, 0, upgrade.all)
  t.strictSame([await events.stop(), events.wrong], [['cephfs'], []], 'an upgrade is one rename')

  // a node on which Bun does not work: the same files, with another in its place
  const bun = join(root, 'opt/cephflex', `${PROGRAMS.amd64}-bun`)
  fs.writeFileSync(bun, '#!/bin/sh\nls /var/lib/dpkg/status >&2\nexit 134\n')
  await execa('sh', ['-c', 'sha256sum cephflex-linux-* install.sh >SHA256SUMS'], {
    cwd: join(root, 'opt/cephflex'),
  })
  const other = await install()
  t.equal(other.exitCode, 0, other.all)
  t.match(
    other.all,
    /with node was chosen; \S+-bun: \/var\/lib\/dpkg\/status/,
    'tried in the root of the node',
  )
  t.match(await onNode('--version'), ', Node.js ')
})

t.test('the default command waits, and ends at once on SIGTERM', async t => {
  const image = images['amd64'] as Image
  const waiting = container(join(work, 'amd64'), t.testdir(), image, image.config.config.Cmd)
  await delay(2_000)
  t.equal(waiting.exitCode, null, 'it waits')
  const { stdout: child } = await execa('pgrep', ['-P', String(waiting.pid)])
  signal(Number(child), 'SIGTERM')
  const { exitCode, all } = await waiting
  t.equal(exitCode, 0)
  t.equal(all, '', 'without output')
})
