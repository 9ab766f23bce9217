import { once } from 'node:events'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import {
  BINARIES,
  type Case,
  DEFAULT_DIR,
  DRIVER,
  failing,
  OTHER_DIR,
  ok,
  refused,
  STUB_WITH_DOCTOR,
  stub,
} from './node.js'
import { recordEvents, tree } from './watch.js'

export const installing: Case[] = [
  [
    'a fresh install appears once, complete',
    async (t, node) => {
      fs.mkdirSync(node.path(DEFAULT_DIR), { recursive: true })
      const events = recordEvents(node.path(DEFAULT_DIR), DRIVER, [stub('1.0.0')])
      ok(t, await node.run())
      t.strictSame(await events.stop(), ['cephflex~cephfs'], 'one event for the kubelet')
      t.strictSame(events.wrong, [], 'never a partial file')
      t.equal(fs.readFileSync(node.driver(), 'utf8'), stub('1.0.0'))
      t.equal(fs.statSync(node.driver()).mode & 0o7777, 0o755)
      t.equal(fs.statSync(dirname(node.driver())).mode & 0o7777, 0o755)
      t.strictSame(fs.readdirSync(dirname(node.driver())), ['cephfs'], 'nothing else is there')
      t.strictSame(fs.readdirSync(node.path(DEFAULT_DIR)), ['cephflex~cephfs'])
      t.equal(fs.readFileSync(node.path('/etc/cephflex/config.json'), 'utf8'), '{}\n')
      t.equal(fs.statSync(node.path('/etc/cephflex/config.json')).mode & 0o7777, 0o644)
    },
  ],
  [
    'a second run changes nothing and causes no event',
    async (t, node) => {
      ok(t, await node.run())
      node.file('/etc/cephflex/config.json', '{"custom": true}\n')
      const before = tree(node.root)
      const events = recordEvents(node.path(DEFAULT_DIR), DRIVER, [stub('1.0.0')])
      const again = await node.run()
      ok(t, again)
      t.match(again.stdout, 'already the same file')
      t.strictSame(await events.stop({ dots: true }), [], 'no event, not even of a dot name')
      t.strictSame(tree(node.root), before)
    },
  ],
  [
    'an upgrade is one rename, while the old driver runs',
    async (t, node) => {
      fs.mkdirSync(dirname(node.driver()), { recursive: true })
      fs.copyFileSync(fs.realpathSync('/bin/sleep'), node.driver())
      fs.chmodSync(node.driver(), 0o755)
      const old = fs.readFileSync(node.driver(), 'latin1')
      const running = execa(node.driver(), ['60'], { reject: false, argv0: 'sleep' })
      await once(running, 'spawn')
      t.throws(() => fs.openSync(node.driver(), 'r+'), { code: 'ETXTBSY' }, 'the old file is busy')
      const events = recordEvents(node.path(DEFAULT_DIR), DRIVER, [old, stub('1.0.0')])
      ok(t, await node.run())
      t.strictSame(await events.stop(), ['cephfs'], 'one event for the kubelet')
      t.strictSame(events.wrong, [], 'the old file or the new one, nothing in between')
      t.equal(running.exitCode, null, 'the old one still runs')
      running.kill()
      await running
      t.equal((await execa(node.driver(), ['--version'])).stdout, '1.0.0')
    },
  ],
  [
    'the first engine that works on the node, or the one that --engine names',
    async (t, node) => {
      const installed = () => fs.readFileSync(node.driver(), 'utf8').split('\n')[1]
      const record = node.path('/etc/cephflex/engine-cephflex~cephfs.json')
      const why = () => JSON.parse(fs.readFileSync(record, 'utf8')).why
      const link = join(node.release, 'command')
      node.publish(stub('with node'), stub('with bun'))
      ok(t, await node.run('--link', link))
      t.equal(installed(), '# with bun', 'bun, if it works')
      t.equal(why(), 'the first that was tried works on this node', 'doctor will say why')
      t.match(fs.readlinkSync(link), /cephflex-linux-\w+-bun$/)
      ok(t, await node.run('--engine', 'node', `--link=${link}`))
      t.equal(installed(), '# with node', 'an upgrade may change the engine')
      t.equal(why(), '--engine node was given')
      t.match(fs.readlinkSync(link), /cephflex-linux-\w+$/)
      ok(t, await node.run('--dry-run', `--link=${join(node.release, 'other')}`))
      t.notOk(fs.existsSync(join(node.release, 'other')), 'a dry run makes no link')
      node.publish(stub('with node'), failing('with bun', 'no such instruction'))
      const chosen = await node.run()
      ok(t, chosen)
      t.equal(installed(), '# with node', 'else node')
      t.match(
        chosen.stderr,
        /note: the binary with node was chosen; cephflex-linux-\w+-bun: no such instruction/,
      )
      t.match(why(), /^it works on this node; tried before: cephflex-linux-\w+-bun: no such instruction$/)
      const before = tree(node.root)
      const named = await node.run('--engine=bun')
      t.equal(named.exitCode, 1)
      t.match(named.stderr, /no binary works on this node .*-bun: no such instruction\. Nothing was changed/)
      t.equal((await node.run('--engine', 'v8')).exitCode, 2)
      t.strictSame(tree(node.root), before)
      for (const name of BINARIES) if (name.endsWith('-bun')) fs.rmSync(join(node.release, name))
      ok(t, await node.run('--uninstall'))
      t.notOk(fs.existsSync(record))
      ok(t, await node.run())
      t.equal(installed(), '# with node', 'a release folder without Bun')
    },
  ],
  [
    'a file that lost its execute bits is installed again',
    async (t, node) => {
      ok(t, await node.run())
      fs.chmodSync(node.driver(), 0o644)
      ok(t, await node.run())
      t.equal(fs.statSync(node.driver()).mode & 0o7777, 0o755)
    },
  ],
  [
    'doctor runs if the driver has it, and only advises',
    async (t, node) => {
      node.publish(STUB_WITH_DOCTOR)
      const result = await node.run()
      ok(t, result)
      t.match(result.stdout, 'doctor: no ceph-fuse')
      t.match(result.stderr, 'the driver is installed')
    },
  ],
  [
    'a checkout: dist/pkg next to install.sh',
    async (t, node) => {
      fs.mkdirSync(join(node.release, 'dist/pkg'), { recursive: true })
      for (const name of [...BINARIES, 'SHA256SUMS']) {
        fs.renameSync(join(node.release, name), join(node.release, 'dist/pkg', name))
      }
      ok(t, await node.run())
      t.ok(fs.existsSync(node.driver()))
    },
  ],
  [
    '--vendor and --driver determine the path',
    async (t, node) => {
      const result = await node.run('--vendor=example.com', '--driver', 'ceph')
      ok(t, result)
      t.ok(fs.existsSync(node.path(`${DEFAULT_DIR}/example.com~ceph/ceph`)))
      t.match(result.stdout, 'example.com/ceph')
    },
  ],
  [
    'a root that is a whole system: the driver runs inside it',
    async (t, node) => {
      node.file('/marker', '')
      node.publish(stub('1.0.0', `[ -e /marker ] && echo '{"status":"Success"}'`))
      const links = 'for d in bin lib lib64 sbin; do [ ! -L /$d ] || ln -s usr/$d "$root/$d"; done'
      const bind = `mkdir "$root/usr"; mount --rbind /usr "$root/usr"; ${links}`
      ok(t, await node.runIsolated(bind, '--plugin-dir', OTHER_DIR))
      t.ok(fs.existsSync(node.driver(OTHER_DIR)))
    },
  ],
  [
    'the same with /proc, as in a container: the program itself runs inside it',
    async (t, node) => {
      node.file('/marker', '')
      node.publish(stub('1.0.0', `[ -e /marker ] && echo '{"status":"Success"}'`))
      const links = 'for d in bin lib lib64 sbin; do [ ! -L /$d ] || ln -s usr/$d "$root/$d"; done'
      const bind = `for d in usr dev; do mkdir "$root/$d"; mount --rbind "/$d" "$root/$d"; done
        mkdir "$root/proc"; mount -t proc proc "$root/proc"`
      const checkout = `mkdir -p "$root$PWD"; mount --rbind "$PWD" "$root$PWD"`
      const prepare = `${bind}; ${checkout}; ${links}`
      const result = await node.runIsolated(prepare, '--plugin-dir', OTHER_DIR)
      ok(t, result)
      t.match(result.stdout, `\n${OTHER_DIR}/${DRIVER} answers init\n`, 'paths are as the node sees them')
      t.equal(
        fs.readFileSync(node.driver(OTHER_DIR), 'utf8'),
        stub('1.0.0', `[ -e /marker ] && echo '{"status":"Success"}'`),
      )
      ok(t, await node.run('--uninstall', '--plugin-dir', OTHER_DIR))
    },
  ],
  [
    'SELinux: the type for the path, before the driver is visible; a problem is never a failure',
    async (t, node) => {
      const log = join(node.release, 'labels')
      const labels = () => {
        const text = fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : ''
        fs.rmSync(log, { force: true })
        return text.replaceAll(node.root, '').replace(/install-\w{6}/g, 'install-')
      }
      const note = (name: string, code: number) =>
        node.fake(name, `echo "${name} $*; $(ls ${node.path(DEFAULT_DIR)})" >>${log}; exit ${code}`)
      node.fake('selinuxenabled', 'exit 1')
      note('restorecon', 0)
      ok(t, await node.run())
      t.equal(labels(), '', 'nothing to do where it is disabled')
      ok(t, await node.run('--uninstall'))

      node.fake('selinuxenabled', 'exit 0')
      ok(t, await node.run())
      t.equal(labels(), `restorecon -R ${DEFAULT_DIR}/.cephflex~cephfs.install-; \n`, 'a new directory')
      node.publish(stub('2.0.0'))
      ok(t, await node.run())
      const file = `${DEFAULT_DIR}/cephflex~cephfs/.cephfs.install-`
      t.equal(labels(), `restorecon -R ${file}; cephflex~cephfs\n`, 'an upgrade')

      note('restorecon', 1)
      note('chcon', 0)
      node.publish(stub('3.0.0'))
      ok(t, await node.run())
      t.match(
        labels(),
        `chcon -R --reference ${DEFAULT_DIR}/cephflex~cephfs ${file};`,
        'the type of its directory',
      )
      note('chcon', 1)
      node.publish(stub('4.0.0'))
      const unlabelled = await node.run()
      ok(t, unlabelled)
      t.match(unlabelled.stderr, /SELinux is enabled, but neither .*restorecon -R/)
      t.match(fs.readFileSync(node.driver(), 'utf8'), '# 4.0.0')
    },
  ],
  [
    '--dry-run prints the steps and changes nothing',
    async (t, node) => {
      const before = tree(node.root)
      const result = await node.run('--dry-run')
      ok(t, result)
      t.match(result.stdout, /would create directory .*exec\n/)
      t.match(result.stdout, /would create .*cephflex~cephfs containing cephfs with one rename/)
      t.match(result.stdout, /would create .*config\.json/)
      t.match(result.stdout, /would run .*cephfs init/)
      t.strictSame(tree(node.root), before)
      ok(t, await node.run())
      node.publish(stub('2.0.0'))
      const installed = tree(node.root)
      for (const args of [[], ['--uninstall'], ['--uninstall', '--purge']])
        ok(t, await node.run('--dry-run', ...args))
      t.strictSame(tree(node.root), installed)
    },
  ],
  [
    '--recover sets up a service, an upgrade starts it again, and an uninstall removes it',
    async (t, node) => {
      const unit = node.path('/etc/systemd/system/cephflex-recover.service')
      const calls = join(node.bin, 'calls')
      node.fake('systemctl', `echo "$*" >>${calls}`)
      const called = () => {
        const lines = fs.existsSync(calls) ? fs.readFileSync(calls, 'utf8').trim().split('\n') : []
        fs.rmSync(calls, { force: true })
        return lines
      }
      ok(t, await node.run())
      t.strictSame([fs.existsSync(unit), called()], [false, []], 'nothing of it without the option')
      const none = await node.run('--recover')
      refused(t, none, /--recover needs systemd/)
      fs.mkdirSync(node.path('/run/systemd/system'), { recursive: true })
      ok(t, await node.run('--recover', '--dry-run'))
      t.notOk(fs.existsSync(unit), 'a dry run changes nothing')
      ok(t, await node.run('--recover'))
      const text = fs.readFileSync(unit, 'utf8')
      t.match(text, `ExecStart=${DEFAULT_DIR}/cephflex~cephfs/cephfs recover --watch --reap\n`)
      t.strictSame(called(), [
        'daemon-reload',
        'enable cephflex-recover.service',
        'restart cephflex-recover.service',
      ])
      node.publish(stub('2.0.0'))
      ok(t, await node.run())
      t.strictSame(called(), ['daemon-reload', 'try-restart cephflex-recover.service'], 'an upgrade')
      const where = await node.run('--where')
      ok(t, where)
      t.equal(where.stdout, `${DEFAULT_DIR}/cephflex~cephfs/cephfs`)
      ok(t, await node.run('--uninstall'))
      t.notOk(fs.existsSync(unit))
      t.strictSame(called(), ['disable --now cephflex-recover.service', 'daemon-reload'])
      refused(t, await node.run('--where'), /there is no driver at/)
      fs.writeFileSync(unit, '[Service]\nExecStart=/opt/other\n')
      const other = await node.run('--recover')
      refused(t, other, /was not written by this program/)
      t.equal(fs.readFileSync(unit, 'utf8'), '[Service]\nExecStart=/opt/other\n')
    },
  ],
]
