import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { coverageEnv } from '../support/coverage.js'
import { HANDOVER } from './binary.js'
import { tree } from './watch.js'

export const DEFAULT_DIR = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec'
export const OTHER_DIR = '/var/lib/kubelet/volumeplugins'
export const DRIVER = 'cephflex~cephfs/cephfs'
export const BINARIES = ['x64', 'arm64'].flatMap(arch =>
  ['-bun', ''].map(end => `cephflex-linux-${arch}${end}`),
)

const applets = fs.mkdtempSync('/tmp/cephflex-applets-')
const busybox = (await execa('sh', ['-c', 'command -v busybox'])).stdout
await execa(busybox, ['--install', '-s', applets])
t.teardown(() => fs.rmSync(applets, { recursive: true }))

const hostPath = process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'
export const shells = [
  { name: 'dash', command: ['dash'], path: hostPath },
  { name: 'busybox sh with no tools but its own', command: [busybox, 'sh'], path: applets },
]

/** One that starts but does not work on this node. */
export function failing(version: string, message: string) {
  return `#!/bin/sh\n# ${version}\n[ "$1" != self-test ] || { printf '${message}\\n' >&2; exit 134; }\n${stub(version)}`
}

/** A shell script that is enough of a driver to be installed. It is long, so that a partial copy is detected. */
export function stub(version: string, init = `echo '{"status":"Success","capabilities":{"attach":false}}'`) {
  const head = `#!/bin/sh\n# ${version}\ncase $1 in\n  init) ${init} ;;\n  --version) echo ${version} ;;\n  ${HANDOVER}\nesac\nexit\n`
  return head + '#'.repeat(300_000)
}

export const STUB_WITH_DOCTOR = `#!/bin/sh
case $1 in
  ${HANDOVER}
  init) echo '{"status":"Success"}' ;;
  --help) printf 'Commands:\\n  doctor [options]  check this node\\n' ;;
  doctor) echo 'doctor: no ceph-fuse'; exit 1 ;;
esac
`

export type Shell = (typeof shells)[number]

export class Node {
  readonly release: string
  readonly root: string
  readonly proc: string
  readonly bin: string
  readonly config: string
  /** The output of "uname -m"; empty for the real one. */
  machine = ''
  readonly #shell: Shell

  constructor(shell: Shell, base: string) {
    this.#shell = shell
    this.release = join(base, 'release')
    this.root = join(base, 'node')
    this.proc = join(this.root, 'proc')
    this.bin = join(base, 'bin')
    this.config = join(base, 'config.json')
    for (const directory of [this.release, this.root, this.bin]) fs.mkdirSync(directory)
    // the program searches this directory for other programs before those of the node
    const config = {
      searchPath: [this.bin],
      runDirectory: join(base, 'run'),
      logDirectory: join(base, 'log'),
    }
    fs.writeFileSync(this.config, JSON.stringify(config))
    fs.copyFileSync('install.sh', join(this.release, 'install.sh'))
    this.publish(stub('1.0.0'))
    this.fake('getconf', 'echo glibc 2.36')
  }

  /** Puts a binary for each engine and processor and SHA256SUMS into the release folder. */
  publish(text: string, withBun = text) {
    const sums = BINARIES.map(name => {
      const content = name.endsWith('-bun') ? withBun : text
      fs.writeFileSync(join(this.release, name), content)
      return `${createHash('sha256').update(content).digest('hex')}  ${name}\n`
    })
    this.write(join(this.release, 'SHA256SUMS'), sums.join(''))
  }

  /** Writes a program that install.sh and the driver find before the real one. */
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

  /** busybox may prefer its own uname to one in PATH, but not to a shell function. */
  command(args: string[]) {
    const script = [join(this.release, 'install.sh'), '--root', this.root, ...args]
    const uname = this.machine ? ['-c', `uname() { echo ${this.machine}; }; . "$0"`] : []
    return [...this.#shell.command, ...uname, ...script]
  }

  options() {
    const env = {
      PATH: `${this.bin}:${this.#shell.path}`,
      CEPHFLEX_CONFIG: this.config,
      ...coverageEnv(),
    }
    return { reject: false, env, extendEnv: false, stdin: 'ignore' } as const
  }

  run(...args: string[]) {
    const [file = '', ...rest] = this.command(args)
    return execa(file, rest, this.options())
  }

  /** The same in a separate mount namespace, after `prepare`. */
  runIsolated(prepare: string, ...args: string[]) {
    const script = `set -e; root=$1; shift; PATH=${hostPath}; ${prepare}; PATH=$0; exec "$@"`
    const path = this.options().env.PATH
    const env = { ...this.options().env, PATH: hostPath }
    // its own processes: other tests start kubelets
    const isolated = [
      'unshare',
      '-m',
      '-p',
      '-f',
      '--kill-child',
      'sh',
      '-c',
      script,
      path,
      this.root,
      ...this.command(args),
    ]
    const [file = '', ...rest] = isolated
    return execa(file, rest, { ...this.options(), env })
  }

  /** Starts an install whose driver, under its dot name, does not answer init until `go` is called. */
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

  leftovers() {
    return tree(this.root).filter(entry => entry.includes('.install-'))
  }
}

export type Case = [name: string, run: (t: Test, node: Node) => Promise<void>]

export function ok(t: Test, result: { exitCode?: number | undefined; stderr: string; stdout: string }) {
  t.equal(result.exitCode, 0, result.stderr || 'done')
}

export function refused(
  t: Test,
  result: { exitCode?: number | undefined; stderr: string },
  pattern: RegExp,
  code = 1,
) {
  t.equal(result.exitCode, code, `exit status ${code}`)
  t.match(result.stderr, /^(?:install\.sh|E[A-Z]+|error): /m)
  t.match(result.stderr, pattern)
}

/** Runs each case in each shell, each on a new node. */
export function runCases(t: Test, shells: readonly Shell[], cases: readonly Case[]): void {
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
}
