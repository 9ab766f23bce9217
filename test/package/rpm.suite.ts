// The RPM packages: their contents, rpmlint, and their whole life in a root with a database of its own.
import * as fs from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { makeRpm } from '../../bin/package/rpm/rpm.js'
import { recordEvents, sizeOf } from '../install/watch.js'
import { startCluster } from '../lab/cluster.js'
import { DebianRoot } from '../lab/debian/debian-root.js'
import { DRIVER, PKG, PLUGINS, RPMS, VERSION } from './release.js'

t.setTimeout(1_500_000)

/** Debian's rpm would use a database in the home directory, and refuses to change a Debian. */
const OWN = ['--dbpath', '/var/lib/rpm', '--force-debian']
const INSTALLED = join(PLUGINS, DRIVER)
const POINT = '/var/lib/kubelet/pods/1-2/volumes/cephflex~cephfs/data'

/** What the rpm of CentOS 7, 4.11, can read. */
const OLD_FEATURES = ['CompressedFileNames', 'FileDigests', 'PayloadFilesHavePrefix', 'PayloadIsXz']

const query = async (rpm: string, format: string) =>
  (await execa('rpm', ['-qp', '--queryformat', format, rpm])).stdout

for (const [arch, rpm] of Object.entries(RPMS))
  t.test(`the package for ${arch}`, async t => {
    const machine = arch === 'x64' ? 'x86_64' : 'aarch64'
    const format = '%{ARCH} %{PAYLOADCOMPRESSOR} %{FILEDIGESTALGO} %{BUILDHOST}'
    t.equal(await query(rpm, format), `${machine} xz 8 localhost`, 'xz and SHA-256, which rpm 4.11 reads')
    const needs = (await query(rpm, '[%{REQUIRENAME} %{REQUIREVERSION}\n]'))
      .split('\n')
      .map(each => each.trim())
    const features = OLD_FEATURES.map(name => `rpmlib(${name})`)
    t.strictSame(
      needs.filter(each => !features.includes(each.split(' ')[0] ?? '')),
      ['/bin/sh', '/bin/sh', 'coreutils', 'coreutils', 'glibc 2.17', 'libgcc', 'libstdc++'],
    )
    t.equal(await query(rpm, '[%{RECOMMENDNAME} ]'), 'ceph-common ceph-fuse ', 'either client is enough')
    t.match(await execa('rpm', ['-K', '--nosignature', rpm]), { exitCode: 0 })

    // unpacked by rpm itself, which checks each file
    const root = t.testdir()
    const without = ['--nodeps', '--noscripts', '--ignorearch', '--ignoreos']
    await execa('rpm', ['--root', root, ...OWN, ...without, '-i', rpm])
    const library = join(root, 'usr/lib/cephflex')
    await execa('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: library })
    const program = `cephflex-linux-${arch}`
    const names = ['SHA256SUMS', program, `${program}-bun`, 'install.sh', 'package.sh']
    t.strictSame(fs.readdirSync(library).sort(), names)
    t.equal(fs.readlinkSync(join(root, 'usr/bin/cephflex')), '../lib/cephflex/cephflex')
    for (const name of [program, `${program}-bun`])
      t.equal(
        (await execa('cmp', [join(library, name), join(PKG, name)])).exitCode,
        0,
        `${name} is not stripped`,
      )
    const { stdout: emulator } = await execa('sh', ['test/lab/debian/arm64-sysroot.sh'])
    for (const [engine, file] of Object.entries({
      'Node.js': join(library, program),
      Bun: join(library, `${program}-bun`),
    })) {
      const run = arch === 'arm64' ? [`${emulator}/arm64`, file] : [file]
      const { stdout } = await execa(run[0] ?? '', [...run.slice(1), '--version'])
      t.match(stdout, new RegExp(`${VERSION}.*, ${engine} `), 'its binary starts')
    }
    for (const path of [
      'lib/systemd/system/cephflex-recover.timer',
      'share/doc/cephflex/README.rpm',
      'share/doc/cephflex/cephflex.cdx.json.gz',
      'share/doc/cephflex/third-party-licenses.txt.gz',
      'share/licenses/cephflex/LICENSE',
      'share/man/man1/cephflex.1.gz',
      'share/bash-completion/completions/cephflex',
      'share/zsh/site-functions/_cephflex',
      'share/fish/vendor_completions.d/cephflex.fish',
    ])
      t.ok(fs.existsSync(join(root, 'usr', path)), path)
  })

t.test('rpmlint', async t => {
  const args = ['--config', 'bin/package/rpm/rpmlint.toml', ...Object.values(RPMS)]
  const { exitCode, stdout } = await execa('rpmlint', args, { reject: false })
  t.equal(exitCode, 0, stdout)
  t.match(stdout, '0 errors, 0 warnings')
})

/** What the package requires, which this root has from Debian: without an entry in rpm's database. */
async function makeBase(work: string): Promise<string> {
  const provides = ['/bin/sh', 'coreutils', 'glibc = 2.36', 'libgcc', 'libstdc++']
  const lines = [
    'Name: base',
    'Version: 1',
    'Release: 1',
    'Summary: base',
    'License: none',
    'BuildArch: noarch',
  ]
  const spec = [...lines, ...provides.map(each => `Provides: ${each}`), '%description', '%files', '']
  fs.writeFileSync(join(work, 'base.spec'), spec.join('\n'))
  const defines = ['--define', `_rpmdir ${work}`, '--define', '_build_name_fmt base.rpm']
  await execa('rpmbuild', ['-bb', '--quiet', ...defines, join(work, 'base.spec')], { env: { HOME: work } })
  return join(work, 'base.rpm')
}

/** A later version, with a binary with Bun that does not work. */
function nextVersion(output: string): string {
  const program = 'cephflex-linux-x64'
  fs.linkSync(join(PKG, program), join(output, program))
  fs.writeFileSync(join(output, `${program}-bun`), '#!/bin/sh\necho "panic: no such page" >&2\nexit 134\n')
  fs.writeFileSync(join(output, 'cephflex.cdx.json'), '{}')
  const licenses = { x64: '', arm64: '' }
  const text = { name: 'cephflex', version: `${VERSION}+next`, description: '', maintainer: 'a <a@b.c>' }
  return join(output, makeRpm({ root: process.cwd(), output, epoch: 1e9, licenses, ...text }, 'x64'))
}

t.test('installed, repaired, upgraded, kept while in use, and removed', async t => {
  const node = await DebianRoot.start(t)
  const cluster = await startCluster(t)
  const work = t.testdir({ next: {} })
  const plugins = node.path(PLUGINS)
  const rpm = (...args: string[]) => node.outside('rpm', '--root', node.root, ...OWN, ...args)
  const version = async () => (await node.run('cephflex', '--version')).all
  fs.mkdirSync(plugins, { recursive: true })
  // systemd, as far as the package uses it
  await node.sh('mkdir -p /run/systemd/system')
  const systemctl = '#!/bin/sh\necho "$@" >>/tmp/systemctl\n'
  fs.writeFileSync(node.path('/usr/bin/systemctl'), systemctl, { mode: 0o755 })
  const asked = () => fs.readFileSync(node.path('/tmp/systemctl'), 'utf8')

  t.match((await rpm('-i', RPMS.x64)).all, 'glibc >= 2.17 is needed by cephflex', 'what it requires')
  t.equal((await rpm('-i', await makeBase(work))).all, '')

  fs.mkdirSync(node.path('/etc/sysconfig'))
  fs.writeFileSync(node.path('/etc/sysconfig/cephflex'), "CEPHFLEX_INSTALL_OPTIONS='--plugin-dir relative'\n")
  const failed = await rpm('-i', RPMS.x64)
  t.match(failed.all, /not an absolute path[\s\S]*the driver was not installed, see above/)
  t.match((await rpm('-q', 'cephflex')).all, `cephflex-${VERSION}-1.x86_64`, 'the package is installed')
  t.match(await version(), new RegExp(`${VERSION}.*, Bun `), 'and its command can be used')
  t.strictSame(fs.readdirSync(plugins), [])
  fs.unlinkSync(node.path('/etc/sysconfig/cephflex'))

  const size = sizeOf(join(PKG, 'cephflex-linux-x64-bun'))
  let events = recordEvents(plugins, DRIVER, [size], sizeOf)
  const repaired = await node.sh('sh /usr/lib/cephflex/package.sh install')
  t.equal(repaired.exitCode, 0, repaired.all)
  t.strictSame([await events.stop(), events.wrong], [['cephflex~cephfs'], []], 'it appears once, complete')
  t.match((await node.run(INSTALLED, 'init')).all, /^\{"status":"Success",/)
  t.equal((await rpm('-V', 'cephflex')).all, '', 'rpm finds all files as they were')

  const keyring = join(work, 'keyring')
  fs.writeFileSync(keyring, `[client.admin]\nkey = ${cluster.adminKey}\n`)
  fs.mkdirSync(node.path(POINT), { recursive: true })
  const client = ['-m', cluster.monitors, '-n', 'client.admin', '-k', keyring, '-c', '/dev/null']
  const mounted = await node.outside('ceph-fuse', ...client, node.path(POINT))
  t.equal(mounted.exitCode, 0, mounted.all)
  t.equal((await node.sh(`echo before >${POINT}/proof`)).exitCode, 0)

  const next = sizeOf(join(PKG, 'cephflex-linux-x64'))
  events = recordEvents(plugins, DRIVER, [size, next], sizeOf)
  const upgraded = await rpm('-U', nextVersion(join(work, 'next')))
  t.equal(upgraded.exitCode, 0, upgraded.all)
  t.strictSame([await events.stop(), events.wrong], [['cephfs'], []], 'an upgrade is one rename')
  t.match(upgraded.all, /the binary with node was chosen; cephflex-linux-x64-bun: panic: no such page/)
  t.match(await version(), ', Node.js ', 'the command, too')
  t.equal((await node.run('cat', `${POINT}/proof`)).all, 'before', 'the volume is still mounted')
  t.notMatch(asked(), 'disable', 'timers stay as they are')

  const refused = await rpm('-e', 'cephflex')
  t.not(refused.exitCode, 0, 'not removed while a volume is mounted')
  t.match(refused.all, /still has volumes mounted[^\n]*\n\s+\/var\/lib\/kubelet\/pods\/1-2/)
  t.match(refused.all, 'the package was not removed')
  t.match((await rpm('-q', 'cephflex')).all, `cephflex-${VERSION}+next-1.x86_64`)
  t.ok(node.exists(INSTALLED))
  t.match(await version(), ', Node.js ')
  t.equal((await node.run('umount', POINT)).exitCode, 0)

  const removed = await rpm('-e', 'cephflex')
  t.equal(removed.exitCode, 0, removed.all)
  t.strictSame(fs.readdirSync(plugins), [], 'the driver is removed')
  t.match(
    asked(),
    /^disable --now cephflex-recover.timer cephflex-reap.timer$/m,
    'no timer fails from now on',
  )
  const { stdout: left } = await node.sh(
    "find / -xdev -name '*cephflex*' ! -path '/tmp/*' ! -path '/var/lib/kubelet/*'",
  )
  t.equal(left, '/etc/cephflex', 'the configuration stays')
})
