// The Debian packages: their contents, lintian, and their whole life in a Debian of their own with a real Ceph.
import * as fs from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { recordEvents, sizeOf } from '../install/watch.js'
import { startCluster } from '../lab/cluster.js'
import { DebianRoot } from '../lab/debian/debian-root.js'
import { base64 } from '../support/volumes.js'
import { DEBS, DRIVER, PLUGINS, VERSION } from './release.js'

t.setTimeout(1_500_000)
// each has a Debian or a folder of its own; lintian and apt use one processor
t.jobs = 2

/** Everything has been downloaded (--no-download would refuse the local package file, too). */
const OFFLINE = ['-o', 'Acquire::http::Proxy=http://127.0.0.1:9/']

const INSTALLED = join(PLUGINS, DRIVER)
const POINT = '/var/lib/kubelet/pods/1-2/volumes/cephflex~cephfs/data'

for (const [arch, deb] of Object.entries(DEBS)) {
  t.test(`the package for ${arch}`, async t => {
    const { stdout: listing } = await execa('dpkg-deb', ['--contents', deb])
    t.match(listing, `-rwxr-xr-x root/root`, 'a program')
    t.notMatch(listing, /^(?!\S+ root\/root )/m, 'everything belongs to root')
    t.match(listing, /^l.* \.\/usr\/bin\/cephflex -> \.\.\/lib\/cephflex\/cephflex$/m)
    for (const path of [
      `lib/cephflex/cephflex-linux-${arch}`,
      `lib/cephflex/cephflex-linux-${arch}-bun`,
      'lib/cephflex/install.sh',
      'lib/cephflex/package.sh',
      'lib/cephflex/SHA256SUMS',
      'share/doc/cephflex/copyright',
      'share/doc/cephflex/cephflex.cdx.json.gz',
      'share/man/man1/cephflex.1.gz',
      'share/bash-completion/completions/cephflex',
      'share/zsh/vendor-completions/_cephflex',
      'share/fish/vendor_completions.d/cephflex.fish',
    ])
      t.match(listing, `./usr/${path}\n`)
    const { stdout: depends } = await execa('dpkg-deb', ['--field', deb, 'Depends'])
    t.match(depends, 'ceph-fuse | ceph-common', 'either client satisfies')

    const work = t.testdir()
    await execa('dpkg-deb', ['--extract', deb, work])
    for (const engine of ['', '-bun']) {
      const program = join(work, `usr/lib/cephflex/cephflex-linux-${arch}${engine}`)
      const { stdout: dynamic } = await execa('readelf', ['--dynamic', program])
      const libraries = [...dynamic.matchAll(/NEEDED.*\[(.*?)\]/g)].map(match => match[1] ?? '')
      t.ok(libraries.length > 3)
      const known = /^(ld-linux-\S+|lib(c|m|dl|pthread))\.so\.\d+$|^libgcc_s\.so\.1$|^libstdc\+\+\.so\.6$/
      t.strictSame(
        libraries.filter(name => !known.test(name)),
        [],
        'every library that it needs is in Depends',
      )
    }
    t.match(await execa('sha256sum', ['-c', 'SHA256SUMS'], { cwd: join(work, 'usr/lib/cephflex') }), {
      exitCode: 0,
    })
  })
}

// that for arm64 differs only in its binaries, which take lintian a minute
t.test('lintian', async t => {
  const args = ['--fail-on', 'error', '--tag-display-limit', '0', DEBS.x64]
  const { exitCode, stdout } = await execa('lintian', args, { reject: false })
  t.equal(exitCode, 0, stdout)
  t.notMatch(stdout, /^E:/m)
  t.equal(stdout, '', 'nor warnings')
})

t.test('on Debian for arm64, which has no ceph-fuse, the dependencies can be met', async t => {
  const script = '. test/lab/debian/debian.sh; apt_in "$1" bookworm arm64 --simulate install "$2"'
  const { stderr } = await execa('sh', ['-ec', script, 'sh', t.testdir(), DEBS.arm64])
  t.match(stderr, /^Inst ceph-common /m)
  t.match(stderr, new RegExp(`^Conf cephflex \\(${VERSION} `, 'm'))
  t.notMatch(stderr, /^Inst ceph-fuse /m)
})

// in the same Debian: it takes apt longer to install what the package needs than to do all the rest
t.test('in a Debian', async t => {
  const node = await DebianRoot.start(t)
  await t.test('installed, used, upgraded, kept while in use, removed and purged', t => wholeLife(t, node))
  await t.test('a read-only plugin directory: the package reports it, and is configured later', t =>
    readOnlyDirectory(t, node),
  )
})

/** The same package as a later version, with another program in it and one that does not work. */
async function nextVersion(work: string): Promise<string> {
  await execa('dpkg-deb', ['--raw-extract', DEBS.x64, work])
  const library = join(work, 'usr/lib/cephflex')
  fs.appendFileSync(join(library, 'cephflex-linux-x64'), '\n')
  fs.writeFileSync(
    join(library, 'cephflex-linux-x64-bun'),
    '#!/bin/sh\necho "panic: no such page" >&2\nexit 134\n',
  )
  const names = ['cephflex-linux-x64', 'cephflex-linux-x64-bun', 'install.sh']
  const { stdout } = await execa('sha256sum', names, { cwd: library })
  fs.writeFileSync(join(library, 'SHA256SUMS'), `${stdout}\n`)
  const control = join(work, 'DEBIAN/control')
  fs.writeFileSync(
    control,
    fs.readFileSync(control, 'utf8').replace(/^Version: .*/m, `Version: ${VERSION}+next`),
  )
  await execa('dpkg-deb', ['--root-owner-group', '-Znone', '--build', work, `${work}.deb`])
  return `${work}.deb`
}

async function wholeLife(t: Test, node: DebianRoot) {
  const cluster = await startCluster(t)
  const plugins = node.path(PLUGINS)
  const status = () => node.sh('dpkg --status cephflex | grep ^Status:')
  fs.mkdirSync(plugins, { recursive: true })
  node.copy(DEBS.x64, '/tmp/cephflex.deb')

  const size = sizeOf('dist/pkg/cephflex-linux-x64-bun')
  let events = recordEvents(plugins, DRIVER, [size], sizeOf)
  const installed = await node.run('apt-get', 'install', '-y', ...OFFLINE, '/tmp/cephflex.deb')
  t.equal(installed.exitCode, 0, installed.all)
  t.strictSame(
    [await events.stop(), events.wrong],
    [['cephflex~cephfs'], []],
    'the driver appears once, complete',
  )
  t.match((await node.run(INSTALLED, 'init')).all, /^\{"status":"Success",/)
  t.ok(node.exists('/usr/bin/ceph-fuse'), 'apt-get installed a client')
  t.equal(fs.readFileSync(node.path('/etc/cephflex/config.json'), 'utf8'), '{}\n')
  const version = async () => (await node.run('cephflex', '--version')).all
  const engine = async () => (await node.run(INSTALLED, 'doctor', '--check', 'engine')).all
  t.match(await engine(), /cephflex\/cephfs was installed with bun: the first that was tried works/)
  t.match(await version(), new RegExp(`${VERSION}.*, Bun `), 'the command is the binary that was chosen, too')
  const completed = await node.run(
    'bash',
    '-c',
    '. /usr/share/bash-completion/completions/cephflex && complete -p cephflex',
  )
  t.match(completed.all, /^complete .*cephflex$/, 'completion is set up in bash')

  events = recordEvents(plugins, DRIVER, [size], sizeOf)
  t.equal((await node.run('dpkg-reconfigure', 'cephflex')).exitCode, 0)
  t.strictSame(await events.stop({ dots: true }), [], 'a second configure changes nothing')

  fs.mkdirSync(node.path(POINT), { recursive: true })
  const options = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  const mounted = await node.run(INSTALLED, 'mount', POINT, JSON.stringify(options))
  t.equal(mounted.all, '{"status":"Success"}')
  t.equal((await node.sh(`echo before >${POINT}/proof`)).exitCode, 0)

  node.copy(await nextVersion(join(t.testdir(), 'next')), '/tmp/next.deb')
  const next = String(Number(sizeOf('dist/pkg/cephflex-linux-x64')) + 1)
  events = recordEvents(plugins, DRIVER, [size, next], sizeOf)
  const upgraded = await node.run('apt-get', 'install', '-y', ...OFFLINE, '/tmp/next.deb')
  t.equal(upgraded.exitCode, 0, upgraded.all)
  t.strictSame([await events.stop(), events.wrong], [['cephfs'], []], 'an upgrade is one rename')
  t.match(upgraded.all, /the binary with node was chosen; cephflex-linux-x64-bun: panic: no such page/)
  t.match(await version(), ', Node.js ', 'so is the command')
  t.match(await engine(), /was installed with node: it works on this node; tried before: .*no such page/)
  t.equal(sizeOf(node.path(INSTALLED)), next)
  t.equal((await node.run('cat', `${POINT}/proof`)).all, 'before', 'the volume is still mounted')

  const refused = await node.run('apt-get', 'remove', '-y', 'cephflex')
  t.not(refused.exitCode, 0, 'not removed while a volume is mounted')
  t.match(refused.all, /still has volumes mounted[^\n]*\n\s+\/var\/lib\/kubelet\/pods\/1-2/)
  t.match(refused.all, 'the package was not removed')
  t.match((await status()).stdout, 'ok installed', 'the package is still installed')
  t.equal((await node.run('cat', `${POINT}/proof`)).all, 'before')
  t.equal((await node.run(INSTALLED, 'unmount', POINT)).all, '{"status":"Success"}')

  const removed = await node.run('apt-get', 'remove', '-y', 'cephflex')
  t.equal(removed.exitCode, 0, removed.all)
  t.strictSame(fs.readdirSync(plugins), [], 'the driver is removed')
  t.ok(node.exists('/etc/cephflex/config.json'), 'the configuration stays')
  const purged = await node.run('apt-get', 'purge', '-y', 'cephflex')
  t.equal(purged.exitCode, 0, purged.all)
  await node.sh('rm -r /tmp/*.deb /var/lib/kubelet')
  t.equal(
    (await node.sh("find / -xdev -name '*cephflex*'; ls -A /run | grep cephflex")).all,
    '',
    'nothing is left',
  )
}

async function readOnlyDirectory(t: Test, node: DebianRoot) {
  fs.mkdirSync(node.path('/plugins'))
  fs.writeFileSync(node.path('/usr/bin/kubelet'), '#!/bin/sh\nsleep 3600\nexit\n', { mode: 0o755 })
  const kubelet = node.sh('mount -t tmpfs -o ro none /plugins; exec kubelet --volume-plugin-dir=/plugins')
  t.teardown(() => kubelet.kill())
  node.copy(DEBS.x64, '/tmp/cephflex.deb')
  const failed = await node.run('apt-get', 'install', '-y', ...OFFLINE, '/tmp/cephflex.deb')
  t.not(failed.exitCode, 0)
  t.match(failed.all, /\/plugins is read-only\s+hint: choose another directory/)
  t.match(failed.all, 'dpkg --configure -a')
  // the kubelet is configured first: an installed driver that it does not find is refused
  t.equal((await node.sh('kill $(pidof -x kubelet)')).exitCode, 0)
  fs.writeFileSync(node.path('/etc/default/cephflex'), "CEPHFLEX_INSTALL_OPTIONS='--plugin-dir /other'\n")
  const configured = await node.run('dpkg', '--configure', '-a')
  t.equal(configured.exitCode, 0, configured.all)
  t.ok(node.exists(`/other/${DRIVER}`))
  t.equal((await node.run('apt-get', 'purge', '-y', 'cephflex')).exitCode, 0)
  t.notOk(node.exists(`/other/${DRIVER}`))
  t.notOk(node.exists('/etc/default/cephflex'))
}
