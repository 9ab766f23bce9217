// install.sh on every shell it promises to run on. Needs root (mounts), dash, busybox and util-linux.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { recordEvents, tree } from './watch.js'

const DEFAULT_DIR = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec'
const OTHER_DIR = '/var/lib/kubelet/volumeplugins'
const DRIVER = 'cephflex~cephfs/cephfs'
const BINARIES = ['cephflex-linux-x64', 'cephflex-linux-arm64']

const applets = fs.mkdtempSync('/tmp/cephflex-applets-')
const busybox = (await execa('sh', ['-c', 'command -v busybox'])).stdout
await execa(busybox, ['--install', '-s', applets])
t.teardown(() => fs.rmSync(applets, { recursive: true }))
t.setTimeout(290_000)

const hostPath = process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'
const shells = [
  { name: 'dash', command: ['dash'], path: hostPath },
  { name: 'busybox sh', command: [busybox, 'sh'], path: hostPath },
  { name: 'busybox sh with no tools but its own', command: [busybox, 'sh'], path: applets },
]

/** A driver in sh: enough of one to be installed. Long, so that half of it would be noticed. */
function stub(version: string, init = `echo '{"status":"Success","capabilities":{"attach":false}}'`) {
  const head = `#!/bin/sh\n# ${version}\ncase $1 in\n  init) ${init} ;;\n  --version) echo ${version} ;;\nesac\nexit\n`
  return head + '#'.repeat(300_000)
}

const STUB_WITH_DOCTOR = `#!/bin/sh
case $1 in
  init) echo '{"status":"Success"}' ;;
  --help) printf 'Commands:\\n  doctor [options]  check this node\\n' ;;
  doctor) echo 'doctor: no ceph-fuse'; exit 1 ;;
esac
`

type Shell = (typeof shells)[number]

class Node {
  readonly release: string
  readonly root: string
  readonly proc: string
  readonly bin: string
  /** What "uname -m" says, if not the truth. */
  machine = ''
  readonly #shell: Shell

  constructor(shell: Shell, base: string) {
    this.#shell = shell
    this.release = join(base, 'release')
    this.root = join(base, 'node')
    this.proc = join(base, 'proc')
    this.bin = join(base, 'bin')
    for (const directory of [this.release, this.root, this.proc, this.bin]) fs.mkdirSync(directory)
    fs.copyFileSync('install.sh', join(this.release, 'install.sh'))
    this.publish(stub('1.0.0'))
    this.fake('getconf', 'echo glibc 2.36')
  }

  /** Can install.sh lock here? Debian's busybox has no flock. */
  async locks() {
    const [file = '', ...rest] = this.#shell.command
    return (await execa(file, [...rest, '-c', 'command -v flock'], this.options())).exitCode === 0
  }

  /** Puts a binary for each processor and SHA256SUMS into the release folder. */
  publish(text: string) {
    const sum = createHash('sha256').update(text).digest('hex')
    for (const name of BINARIES) fs.writeFileSync(join(this.release, name), text)
    this.write(join(this.release, 'SHA256SUMS'), BINARIES.map(name => `${sum}  ${name}\n`).join(''))
  }

  /** A program that install.sh finds before the real one. */
  fake(name: string, script: string) {
    fs.writeFileSync(join(this.bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }

  process(pid: number, comm: string, argv: string[]) {
    this.write(join(this.proc, String(pid), 'comm'), `${comm}\n`)
    this.write(join(this.proc, String(pid), 'cmdline'), `${argv.join('\0')}\0`)
  }

  write(path: string, text: string) {
    fs.mkdirSync(dirname(path), { recursive: true })
    fs.writeFileSync(path, text)
  }

  file(path: string, text: string) {
    this.write(this.path(path), text)
  }

  path(path: string) {
    return join(this.root, path)
  }

  driver(plugins = DEFAULT_DIR) {
    return this.path(join(plugins, DRIVER))
  }

  /** busybox may prefer its own uname to any in PATH, but not to a function. */
  command(args: string[]) {
    const script = [join(this.release, 'install.sh'), '--root', this.root, ...args]
    const uname = this.machine ? ['-c', `uname() { echo ${this.machine}; }; . "$0"`] : []
    return [...this.#shell.command, ...uname, ...script]
  }

  options() {
    const env = { PATH: `${this.bin}:${this.#shell.path}`, CEPHFLEX_PROC: this.proc }
    return { reject: false, env, extendEnv: false, stdin: 'ignore' } as const
  }

  run(...args: string[]) {
    const [file = '', ...rest] = this.command(args)
    return execa(file, rest, this.options())
  }

  /** The same in a mount namespace of its own, after `prepare`. */
  runIsolated(prepare: string, ...args: string[]) {
    const script = `set -e; root=$1; shift; PATH=${hostPath}; ${prepare}; PATH=$0; exec "$@"`
    const path = this.options().env.PATH
    const env = { ...this.options().env, PATH: hostPath }
    const isolated = ['unshare', '-m', 'sh', '-c', script, path, this.root, ...this.command(args)]
    const [file = '', ...rest] = isolated
    return execa(file, rest, { ...this.options(), env })
  }

  /** Starts an install whose driver, still under its dot name, answers init only when told to. */
  async startSlow() {
    const at = (name: string) => join(this.release, name)
    const wait = `while [ -d ${this.release} ] && [ ! -e ${at('go')} ]; do sleep 0.1; done`
    this.publish(stub('slow', `: >${at('started')}; ${wait}; echo '{"status":"Success"}'`))
    const [file = '', ...rest] = this.command([])
    const running = execa(file, rest, { ...this.options(), detached: true })
    while (!fs.existsSync(at('started'))) await delay(10)
    this.publish(stub('1.0.0'))
    return { running, pid: running.pid ?? 0, go: () => fs.writeFileSync(at('go'), '') }
  }

  /** As if the interruption had been yesterday. */
  age() {
    for (const entry of this.leftovers()) {
      const path = this.path(entry.split(' ')[0] ?? '')
      fs.utimesSync(path, 0, 0)
    }
  }

  leftovers() {
    return tree(this.root).filter(entry => entry.includes('.install-'))
  }
}

type Case = [name: string, run: (t: Test, node: Node) => Promise<void>]

function ok(t: Test, result: { exitCode?: number | undefined; stderr: string; stdout: string }) {
  t.equal(result.exitCode, 0, result.stderr || 'done')
}

function refused(
  t: Test,
  result: { exitCode?: number | undefined; stderr: string },
  pattern: RegExp,
  code = 1,
) {
  t.equal(result.exitCode, code, `exit status ${code}`)
  t.match(result.stderr, /^install\.sh: /m)
  t.match(result.stderr, pattern)
}

const installing: Case[] = [
  [
    'a fresh install appears once, whole',
    async (t, node) => {
      fs.mkdirSync(node.path(DEFAULT_DIR), { recursive: true })
      const events = recordEvents(node.path(DEFAULT_DIR), DRIVER, [stub('1.0.0')])
      ok(t, await node.run())
      t.strictSame(await events.stop(), ['cephflex~cephfs'], 'one event for the kubelet')
      t.strictSame(events.wrong, [], 'never a partial file')
      t.equal(fs.readFileSync(node.driver(), 'utf8'), stub('1.0.0'))
      t.equal(fs.statSync(node.driver()).mode & 0o7777, 0o755)
      t.equal(fs.statSync(dirname(node.driver())).mode & 0o7777, 0o755)
      t.strictSame(fs.readdirSync(dirname(node.driver())), ['cephfs'], 'nothing else is kept there')
      t.strictSame(fs.readdirSync(node.path(DEFAULT_DIR)), ['cephflex~cephfs'])
      t.equal(fs.readFileSync(node.path('/etc/cephflex/config.json'), 'utf8'), '{}\n')
      t.equal(fs.statSync(node.path('/etc/cephflex/config.json')).mode & 0o7777, 0o644)
    },
  ],
  [
    'a second run changes nothing and makes no event',
    async (t, node) => {
      ok(t, await node.run())
      node.file('/etc/cephflex/config.json', '{"mine": true}\n')
      const before = tree(node.root)
      const events = recordEvents(node.path(DEFAULT_DIR), DRIVER, [stub('1.0.0')])
      const again = await node.run()
      ok(t, again)
      t.match(again.stdout, 'already this file')
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
      t.strictSame(events.wrong, [], 'the old file or the new one, nothing between')
      t.equal(running.exitCode, null, 'the old one still runs')
      running.kill()
      await running
      t.equal((await execa(node.driver(), ['--version'])).stdout, '1.0.0')
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
    'doctor runs if there is one, and only advises',
    async (t, node) => {
      node.publish(STUB_WITH_DOCTOR)
      const result = await node.run()
      ok(t, result)
      t.match(result.stdout, 'doctor: no ceph-fuse')
      t.match(result.stderr, 'the driver is installed')
    },
  ],
  [
    'a checkout: dist/pkg beside install.sh',
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
    '--vendor and --driver name the file',
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
    'SELinux: the type of the place, before the driver is visible; never a reason to fail',
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
      t.equal(labels(), '', 'nothing to do where it is off')
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
      t.match(labels(), `chcon -R --reference ${DEFAULT_DIR}/cephflex~cephfs ${file};`, 'as its directory')
      note('chcon', 1)
      node.publish(stub('4.0.0'))
      const unlabelled = await node.run()
      ok(t, unlabelled)
      t.match(unlabelled.stderr, /SELinux is on, but neither .*restorecon -R/)
      t.match(fs.readFileSync(node.driver(), 'utf8'), '# 4.0.0')
    },
  ],
  [
    '--dry-run tells and changes nothing',
    async (t, node) => {
      const before = tree(node.root)
      const result = await node.run('--dry-run')
      ok(t, result)
      t.match(result.stdout, /would make directory .*exec\n/)
      t.match(result.stdout, /would make .*cephflex~cephfs with cephfs in it/)
      t.match(result.stdout, /would make .*config\.json/)
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
]

const refusing: Case[] = [
  [
    'a wrong checksum, and nothing changes',
    async (t, node) => {
      ok(t, await node.run())
      const before = tree(node.root)
      for (const name of BINARIES) fs.appendFileSync(join(node.release, name), 'x')
      refused(t, await node.run(), /damaged or not the released file.*fetch it again/)
      t.strictSame(tree(node.root), before)
    },
  ],
  [
    'a missing SHA256SUMS or entry, unless told otherwise',
    async (t, node) => {
      node.write(join(node.release, 'SHA256SUMS'), '0  something-else\n')
      refused(t, await node.run(), /does not list cephflex-linux-.*--no-verify/)
      fs.rmSync(join(node.release, 'SHA256SUMS'))
      refused(t, await node.run(), /does not list cephflex-linux-/)
      t.strictSame(tree(node.root), [])
      ok(t, await node.run('--no-verify'))
      node.publish(stub('2.0.0'))
      fs.rmSync(join(node.release, 'SHA256SUMS'))
      ok(t, await node.run('--binary', join(node.release, BINARIES[0] ?? '')))
      t.match(fs.readFileSync(node.driver(), 'utf8'), '# 2.0.0')
    },
  ],
  [
    'a processor without a binary, or a binary that is missing',
    async (t, node) => {
      node.machine = 'riscv64'
      refused(t, await node.run(), /no binary for the processor 'riscv64'/)
      node.machine = 'aarch64'
      fs.rmSync(join(node.release, 'cephflex-linux-arm64'))
      refused(t, await node.run(), /there is no cephflex-linux-arm64 in .*release.*--binary/)
      refused(t, await node.run('--binary', '/nowhere'), /--binary \/nowhere is not a file/)
    },
  ],
  [
    'a glibc that is too old, and musl',
    async (t, node) => {
      for (const [version, good] of [
        ['2.27', false],
        ['2.9', false],
        ['1.99', false],
        ['2.28', true],
      ] as const) {
        node.fake('getconf', `echo glibc ${version}`)
        const result = await node.run('--dry-run')
        if (good) ok(t, result)
        else
          refused(t, result, new RegExp(`glibc is ${version.replace('.', '\\.')}, the driver needs 2\\.28`))
      }
      node.fake('getconf', 'exit 1')
      node.fake('ldd', 'echo "ldd (GNU libc) 2.17"')
      refused(t, await node.run(), /glibc is 2\.17/)
      node.fake('ldd', 'printf "musl libc (x86_64)\\nVersion 1.2.5\\n" >&2; exit 1')
      refused(t, await node.run(), /C library is musl, the driver needs glibc/)
      t.strictSame(tree(node.root), [])
    },
  ],
  [
    'a read-only directory, with what to do',
    async (t, node) => {
      fs.mkdirSync(node.path('/usr/libexec'), { recursive: true })
      const readOnly = 'mount -t tmpfs -o ro none "$root/usr/libexec"'
      const advice =
        /usr\/libexec is read-only.*--volume-plugin-dir=\/var\/lib\/kubelet\/volumeplugins, then run/
      refused(t, await node.runIsolated(readOnly), advice)
      refused(t, await node.runIsolated(readOnly, '--dry-run'), advice)
      ok(t, await node.runIsolated(readOnly, '--plugin-dir', OTHER_DIR))
      t.ok(fs.existsSync(node.driver(OTHER_DIR)))
    },
  ],
  [
    'a full disk: the old driver stays',
    async (t, node) => {
      fs.mkdirSync(node.path(OTHER_DIR), { recursive: true })
      const small = `mount -t tmpfs -o size=64k none "$root${OTHER_DIR}"`
      const script = `${small}; mkdir "$root${OTHER_DIR}/cephflex~cephfs"; echo old >"$root${OTHER_DIR}/${DRIVER}"`
      const look = `trap 'ls -A "$root${OTHER_DIR}/cephflex~cephfs"; cat "$root${OTHER_DIR}/${DRIVER}"' EXIT`
      const result = await node.runIsolated(
        `${script}; ${look}; "$@" && exit || exit`,
        '--plugin-dir',
        OTHER_DIR,
      )
      refused(t, result, /cannot copy .*free space there/)
      t.match(result.stdout, /\ncephfs\nold$/)
    },
  ],
  [
    'a driver that fails init never appears',
    async (t, node) => {
      ok(t, await node.run())
      const bad = [
        'echo oops >&2; exit 3',
        `echo warning >&2; echo '{"status":"Success"}'`,
        `echo '{"status":"Failure"}'`,
      ]
      for (const init of bad) {
        node.publish(stub('bad', init))
        const events = recordEvents(node.path(DEFAULT_DIR), DRIVER, [stub('1.0.0')])
        refused(
          t,
          await node.run(),
          /was not installed.*init ended with \d and said: (oops|warning|.*Failure)/,
        )
        t.strictSame(await events.stop(), [])
        t.strictSame(fs.readdirSync(dirname(node.driver())), ['cephfs'])
        t.equal(fs.readFileSync(node.driver(), 'utf8'), stub('1.0.0'))
      }
    },
  ],
  [
    'names that are not names, and other wrong usage',
    async (t, node) => {
      for (const name of ['a~b', 'a/b', '.hidden', '..', '-x', 'a b', '']) {
        refused(t, await node.run('--vendor', name), /--vendor/, 2)
      }
      refused(t, await node.run('--driver', 'a~b'), /'a~b' is not a name/, 2)
      for (const args of [
        ['--nonsense'],
        ['stray'],
        ['--driver'],
        ['--force'],
        ['--yes'],
        ['--dry-run=no'],
      ]) {
        refused(t, await node.run(...args), /see: install\.sh --help/, 2)
      }
      refused(t, await node.run('--uninstall', '--deps'), /exclude each other/, 2)
      refused(t, await node.run('--plugin-dir', 'relative'), /not an absolute path/)
      refused(t, await node.run('--plugin-dir', '/'), /cannot be \//)
      t.match((await node.run('--help')).stdout, 'Examples')
    },
  ],
  [
    'a driver directory that the kubelet would pass over',
    async (t, node) => {
      fs.mkdirSync(node.path(DEFAULT_DIR), { recursive: true })
      fs.symlinkSync('/tmp', node.path(`${DEFAULT_DIR}/cephflex~cephfs`))
      refused(t, await node.run(), /is a symbolic link, which the kubelet passes over/)
    },
  ],
  [
    'a second install at the same time',
    async (t, node) => {
      const { running, go } = await node.startSlow()
      const second = await node.run()
      go()
      const first = await running
      const [winner, loser] = first.exitCode === 0 ? [first, second] : [second, first]
      ok(t, winner)
      refused(
        t,
        loser,
        (await node.locks()) ? /another install\.sh works in/ : /made by another install\.sh meanwhile/,
      )
      t.strictSame(fs.readdirSync(dirname(node.driver())), ['cephfs'])
      t.strictSame(node.leftovers(), [])
    },
  ],
]

const CONFIG = '/var/lib/kubelet/config.yaml'
const kubelet = (...args: string[]) => ['kubelet', ...args] as const
const withConfig = (text: string) => ({
  files: { [CONFIG]: text },
  process: kubelet('/usr/bin/kubelet', `--config=${CONFIG}`),
})

type Finding = {
  process?: readonly [string, ...string[]]
  files?: Record<string, string>
  directories?: string[]
  dir: string
  note?: RegExp
}

const finding: Record<string, Finding> = {
  'no kubelet, no known directory': { dir: DEFAULT_DIR },
  'a known directory that exists': { directories: [OTHER_DIR], dir: OTHER_DIR },
  'several known directories': {
    directories: [DEFAULT_DIR, OTHER_DIR, '/home/kubernetes/flexvolume'],
    dir: '/home/kubernetes/flexvolume',
    note: /known directories exist besides/,
  },
  'a flag': {
    process: kubelet('kubelet', '--v=2', '--volume-plugin-dir=/opt/flex dir/'),
    dir: '/opt/flex dir',
  },
  'a flag in two words': {
    process: kubelet('kubelet', '--volume-plugin-dir', '/opt/flex', '--v'),
    dir: '/opt/flex',
  },
  'the last of two flags': {
    process: kubelet('kubelet', '--volume-plugin-dir=/a', '--volume-plugin-dir=/b'),
    dir: '/b',
  },
  hyperkube: {
    process: ['hyperkube', 'hyperkube', 'kubelet', '--volume-plugin-dir=/opt/flex'],
    dir: '/opt/flex',
  },
  'hyperkube, not the kubelet': { process: ['hyperkube', 'hyperkube', 'apiserver'], dir: DEFAULT_DIR },
  YAML: { ...withConfig('kind: KubeletConfiguration\nvolumePluginDir: /opt/y # here\n'), dir: '/opt/y' },
  'YAML, quoted': { ...withConfig('# volumePluginDir: /no\nvolumePluginDir: "/opt/y"\n'), dir: '/opt/y' },
  JSON: { ...withConfig('{\n  "volumePluginDir": "/opt/j",\n  "a": 1\n}\n'), dir: '/opt/j' },
  'JSON on one line': { ...withConfig('{"a":1,"volumePluginDir":"/opt/j","b":[2]}'), dir: '/opt/j' },
  'a flag before the configuration': {
    files: { [CONFIG]: 'volumePluginDir: /opt/y\n' },
    process: kubelet('kubelet', '--config', CONFIG, '--volume-plugin-dir=/opt/f'),
    dir: '/opt/f',
  },
  'a drop-in after the configuration': {
    files: { [CONFIG]: 'volumePluginDir: /opt/y\n', '/etc/kubelet.d/10-x.conf': 'volumePluginDir: /opt/d\n' },
    process: kubelet('kubelet', `--config=${CONFIG}`, '--config-dir=/etc/kubelet.d'),
    dir: '/opt/d',
  },
  'a kubelet that names none has the default': {
    ...withConfig('volumePluginDir: ""\n'),
    directories: [OTHER_DIR],
    dir: DEFAULT_DIR,
  },
  'a configuration nobody can read': {
    process: kubelet('kubelet', '--config=/gone.yaml'),
    directories: [OTHER_DIR],
    dir: OTHER_DIR,
    note: /cannot read \/gone\.yaml/,
  },
  'k3s, argument': {
    process: ['k3s-server', 'k3s', 'server', '--kubelet-arg', 'volume-plugin-dir=/k'],
    dir: '/k',
  },
  'k3s, configuration': {
    process: ['k3s-agent', 'k3s agent'],
    files: {
      '/etc/rancher/k3s/config.yaml':
        'kube-controller-manager-arg: flex-volume-plugin-dir=/no\nkubelet-arg:\n  - "volume-plugin-dir=/k"\n',
    },
    dir: '/k',
  },
  microk8s: {
    process: [
      'kubelite',
      '/snap/microk8s/1/kubelite',
      '--kubelet-args-file=/var/snap/microk8s/1/args/kubelet',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: microk8s writes it so
    files: { '/var/snap/microk8s/1/args/kubelet': '--v=2\n--volume-plugin-dir=${SNAP_COMMON}/flex\n' },
    dir: '/var/snap/microk8s/common/flex',
  },
}

function findingCase([name, wanted]: [string, Finding]): Case {
  return [
    `finds the plugin directory: ${name}`,
    async (t, node) => {
      node.process(1, 'systemd', ['/sbin/init', '--volume-plugin-dir=/no'])
      const [comm, ...argv] = wanted.process ?? []
      if (comm) node.process(4242, comm, argv)
      for (const [path, text] of Object.entries(wanted.files ?? {})) node.file(path, text)
      for (const path of wanted.directories ?? []) fs.mkdirSync(node.path(path), { recursive: true })
      const result = await node.run('--dry-run')
      ok(t, result)
      t.match(result.stdout, `plugin directory: ${wanted.dir} (`)
      t.match(result.stderr, wanted.note ?? /^$/)
    },
  ]
}

const roots: Record<string, { process: readonly [string, ...string[]]; config: string }> = {
  'the default': { process: kubelet('kubelet'), config: '{"kubeletRoots": ["/var/lib/kubelet"]}\n' },
  'a flag': { process: kubelet('kubelet', '--root-dir=/data/k'), config: '{"kubeletRoots": ["/data/k"]}\n' },
  'k3s, argument': {
    process: ['k3s-server', 'k3s', 'server', '--kubelet-arg', 'root-dir=/k'],
    config: '{"kubeletRoots": ["/k"]}\n',
  },
  'one that JSON would have to quote': { process: kubelet('kubelet', '--root-dir=/a"b'), config: '{}\n' },
}

const rootCase = ([name, { process, config }]: [string, (typeof roots)[string]]): Case => [
  `the configuration names the kubelet's directory: ${name}`,
  async (t, node) => {
    const [comm, ...argv] = process
    node.process(4242, comm, argv)
    ok(t, await node.run('--plugin-dir', OTHER_DIR))
    t.equal(fs.readFileSync(node.path('/etc/cephflex/config.json'), 'utf8'), config)
  },
]

const uninstalling: Case[] = [
  [
    'removes the driver and its directory, keeps configuration and logs',
    async (t, node) => {
      ok(t, await node.run('--plugin-dir', OTHER_DIR))
      node.file('/var/log/cephflex/driver.log', '{}\n')
      ok(t, await node.run('--uninstall'))
      t.strictSame(fs.readdirSync(node.path(OTHER_DIR)), [])
      t.ok(fs.existsSync(node.path('/etc/cephflex/config.json')))
      t.ok(fs.existsSync(node.path('/var/log/cephflex/driver.log')))
      const again = await node.run('--uninstall', '--purge')
      ok(t, again)
      t.match(again.stdout, 'nothing to remove')
      t.notOk(fs.existsSync(node.path('/etc/cephflex')))
      t.notOk(fs.existsSync(node.path('/var/log/cephflex')))
    },
  ],
  [
    'finds a driver that is not in the first known directory',
    async (t, node) => {
      fs.mkdirSync(node.path('/etc/kubernetes/volumeplugins'), { recursive: true })
      ok(t, await node.run('--plugin-dir', OTHER_DIR))
      ok(t, await node.run('--uninstall'))
      t.notOk(fs.existsSync(node.driver(OTHER_DIR)))
    },
  ],
  [
    'never removes what it did not install',
    async (t, node) => {
      ok(t, await node.run())
      fs.writeFileSync(join(dirname(node.driver()), 'foreign'), '')
      const result = await node.run('--uninstall')
      ok(t, result)
      t.match(result.stderr, 'not empty')
      t.strictSame(fs.readdirSync(dirname(node.driver())), ['foreign'])
    },
  ],
  [
    'is refused while a volume is mounted, unless forced',
    async (t, node) => {
      ok(t, await node.run())
      const point = '/var/lib/kubelet/pods/1-2/volumes/cephflex~cephfs/data'
      const foreign = '36 1 0:50 / /var/lib/kubelet/pods/1/volumes/other~cephfs/x rw - ceph 1.2.3.4:/ rw\n'
      for (const type of ['fuse.ceph-fuse', 'ceph']) {
        node.write(join(node.proc, 'self/mountinfo'), foreign)
        node.write(
          join(node.proc, '1/mountinfo'),
          `${foreign}37 1 0:51 / ${point} rw,relatime shared:9 - ${type} x rw\n`,
        )
        refused(
          t,
          await node.run('--uninstall'),
          new RegExp(`still has volumes mounted.*--force:\\n  ${point}`),
        )
        t.ok(fs.existsSync(node.driver()))
      }
      const forced = await node.run('--uninstall', '--force')
      ok(t, forced)
      t.match(forced.stderr, 'volumes are still mounted')
      t.notOk(fs.existsSync(node.driver()))
      ok(t, await node.run('--uninstall'))
    },
  ],
  [
    'is refused while a state file says so; other mounts do not matter',
    async (t, node) => {
      ok(t, await node.run())
      const foreign = '36 1 0:50 / /pods/1/volumes/cephflex~cephfs/x rw - tmpfs tmpfs rw\n'
      node.write(join(node.proc, 'self/mountinfo'), foreign)
      node.file('/run/cephflex/state/abc.json', '{}')
      refused(t, await node.run('--uninstall'), /abc\.json/)
      fs.rmSync(node.path('/run/cephflex/state/abc.json'))
      ok(t, await node.run('--uninstall'))
      t.notOk(fs.existsSync(node.driver()))
    },
  ],
]

const interrupting: Case[] = [
  [
    'a killed install leaves only dot names, and the next one sweeps them',
    async (t, node) => {
      const { running, pid, go } = await node.startSlow()
      process.kill(-pid, 'SIGKILL')
      t.equal((await running).signal, 'SIGKILL')
      go()
      t.ok(node.leftovers().length > 0)
      t.ok(fs.readdirSync(node.path(DEFAULT_DIR)).every(name => name.startsWith('.')))
      node.age()
      const next = await node.run()
      ok(t, next)
      t.match(next.stdout, 'left by an interrupted install')
      t.strictSame(node.leftovers(), [])
      t.ok(fs.existsSync(node.driver()))
      fs.writeFileSync(join(dirname(node.driver()), '.cephfs.install-abcdef'), '')
      fs.writeFileSync(join(dirname(node.driver()), '.cephfs.config'), '')
      node.age()
      ok(t, await node.run())
      t.strictSame(fs.readdirSync(dirname(node.driver())), ['.cephfs.config', 'cephfs'])
    },
  ],
  [
    'a terminated install cleans up after itself',
    async (t, node) => {
      const { running, pid, go } = await node.startSlow()
      process.kill(pid, 'SIGTERM')
      go()
      t.equal((await running).exitCode, 143)
      t.strictSame(node.leftovers(), [])
      t.notOk(fs.existsSync(node.driver()))
    },
  ],
]

const packaging: Case[] = [
  [
    'the packages of a node',
    async (t, node) => {
      const systems = [
        ['ID=debian', 'x86_64', 'apt-get install -y ceph-fuse ceph-common'],
        ['ID=debian', 'aarch64', 'apt-get install -y ceph-common'],
        ['ID=ubuntu\nID_LIKE=debian', 'aarch64', 'apt-get install -y ceph-fuse ceph-common'],
        ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'x86_64', 'dnf install -y ceph-fuse ceph-common'],
        ['ID=fedora', 'aarch64', 'dnf install -y ceph-fuse ceph-common'],
        [
          'ID="opensuse-leap"\nID_LIKE="suse opensuse"',
          'x86_64',
          'zypper --non-interactive install ceph-fuse',
        ],
      ]
      for (const [release = '', machine = '', command = ''] of systems) {
        node.file('/etc/os-release', `${release}\n`)
        node.machine = machine
        const result = await node.run('--deps')
        ok(t, result)
        t.match(result.stdout, `command: ${command}`)
      }
      node.write(node.path('/usr/bin/yum'), '')
      fs.chmodSync(node.path('/usr/bin/yum'), 0o755)
      node.file('/etc/os-release', 'ID="centos"\nID_LIKE="rhel fedora"\n')
      t.match((await node.run('--deps')).stdout, 'command: yum install -y ceph-fuse ceph-common', 'CentOS 7')
      node.file('/etc/os-release', 'ID=flatcar\n')
      refused(t, await node.run('--deps'), /does not know the packages of this system \(flatcar\)/)
    },
  ],
  [
    '--deps --yes installs them',
    async (t, node) => {
      node.file('/etc/os-release', 'ID=debian\n')
      node.machine = 'x86_64'
      node.fake('apt-get', `echo "apt-get got $*"`)
      t.notMatch((await node.run('--deps')).stdout, 'got')
      t.notMatch((await node.run('--deps', '--yes', '--dry-run')).stdout, 'got')
      t.match((await node.run('--deps', '--yes')).stdout, 'apt-get got install -y ceph-fuse ceph-common')
      node.fake('apt-get', 'exit 100')
      refused(t, await node.run('--deps', '--yes'), /failed: refresh the package lists/)
    },
  ],
]

const cases = [
  ...installing,
  ...refusing,
  ...Object.entries(finding).map(findingCase),
  ...Object.entries(roots).map(rootCase),
  ...uninstalling,
  ...interrupting,
  ...packaging,
]

for (const shell of shells) {
  t.test(shell.name, async t => {
    for (const [name, run] of cases) {
      await t.test(name, async t => {
        const base = fs.mkdtempSync('/tmp/cephflex-install-')
        t.teardown(() => fs.rmSync(base, { recursive: true }))
        await run(t, new Node(shell, base))
      })
    }
  })
}
