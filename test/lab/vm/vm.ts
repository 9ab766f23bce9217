import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import type { Test } from 'tap'

/** A Debian release with its own kernel and Ceph clients, and a processor; `pages`: its kernel with pages of that size. */
export type VmKind = {
  suite: 'bookworm' | 'trixie'
  arch: 'amd64' | 'arm64'
  init?: 'systemd'
  pages?: '16k'
}

/** The result of a script in the guest. */
export type GuestResult = { code: number; ms: number; stdout: string; stderr: string }

export type Vm = {
  /** Runs a script in bash in the guest, at most `seconds`; never throws for its exit code. */
  run: (script: string, seconds?: number) => Promise<GuestResult>
  /** The same, but throws unless it exits 0. @returns stdout. */
  sh: (script: string, seconds?: number) => Promise<string>
  console: () => string
}

/** Making the tree downloads about 250 MB. */
const IMAGE_MS = 600_000
/** 4 to 8 s on an idle machine. */
const BOOT_MS = 300_000
const MEMORY_MB = 1536
const RUN_S = 60

/**
 * TCG, even if /dev/kvm can be opened: that alone does not mean that a guest would run. The plainest processor that
 * Bun runs on: with the wide instructions of "max", which are emulated piece by piece, a call of the driver takes a
 * third longer.
 */
const MACHINE = {
  amd64: ['qemu-system-x86_64', '-machine', 'q35', '-cpu', 'Nehalem'],
  arm64: ['qemu-system-aarch64', '-machine', 'virt,gic-version=3', '-cpu', 'cortex-a72'],
  // cortex-a72 has no pages of 16K
  'arm64-16k': ['qemu-system-aarch64', '-machine', 'virt,gic-version=3', '-cpu', 'cortex-a76'],
} as const

const CONSOLE = { amd64: 'ttyS0', arm64: 'ttyAMA0' } as const
const KERNEL_ARGS = 'quiet panic=-1 mitigations=off nokaslr random.trust_cpu=on audit=0 selinux=0 apparmor=0'

/** The folder of the binaries to test. */
const PACKAGES = process.env['CEPHFLEX_PACKAGES'] ?? resolve('dist/pkg')

/**
 * Boots a throw-away VM that ends with the test: a Debian kernel with ceph.ko, a
 * tree of that release as its root (writable, discarded with the VM), `dist/pkg`
 * on /opt/cephflex. Its loopback is that of this machine, so it can reach a
 * cluster here, and nothing else.
 */
export async function bootVm(t: Test, kind: VmKind): Promise<Vm> {
  const image = ['test/lab/vm/image.sh', kind.suite, kind.arch, ...(kind.pages ? [kind.pages] : [])]
  const made = await execa('sh', image, { timeout: IMAGE_MS })
  const dir = mkdtempSync('/tmp/cephflex-vm-')
  mkdirSync(`${dir}/host`)
  const [program, ...machine] = MACHINE[kind.pages ? 'arm64-16k' : kind.arch]
  const qemu = execa(program, [...machine, ...arguments_(kind, made.stdout.trim(), dir)], {
    stdin: 'ignore',
    all: true,
    reject: false,
  })
  let output: string | undefined
  const ended = qemu.then(result => {
    output = `qemu ended with ${result.exitCode}: ${result.all}`
  })
  t.teardown(async () => {
    qemu.kill('SIGKILL')
    await ended
    rmSync(dir, { recursive: true, force: true })
  })
  const readConsole = () => readFileSync(`${dir}/console`, 'utf8').replaceAll('\r', '')
  const problem = (what: string) =>
    `${what}; ${output ?? 'the VM runs'}; console:\n${readConsole().split('\n').slice(-30).join('\n')}`
  const socket = await connect(`${dir}/agent`, () => output === undefined)
  t.teardown(() => socket.destroy())
  const agent = makeAgent(socket, `${dir}/host`)
  // the line stays in the socket until the guest reads it
  await within(agent('true', BOOT_MS / 1000), BOOT_MS, () => problem('the VM did not come up'))
  const run: Vm['run'] = (script, seconds = RUN_S) =>
    within(agent(script, seconds), (seconds + 30) * 1000, () => problem(`no answer to: ${script}`))
  return {
    run,
    sh: async (script, seconds) => {
      const { code, stdout, stderr } = await run(script, seconds)
      if (code !== 0) throw new Error(`in the guest: ${script}\nended with ${code}: ${stdout}${stderr}`)
      return stdout
    },
    console: readConsole,
  }
}

function arguments_(kind: VmKind, image: string, dir: string): string[] {
  return [
    ...['-accel', 'tcg,thread=multi', '-smp', '1', '-m', `${MEMORY_MB}`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', `file:${dir}/console`],
    ...['-kernel', `${image}/kernel`, '-initrd', `${image}/initrd`],
    ...['-append', `console=${CONSOLE[kind.arch]} ${KERNEL_ARGS} ${kind.init ? `vm.init=${kind.init}` : ''}`],
    ...share('root', `${image}/root`, 'on'),
    ...share('driver', PACKAGES, 'on'),
    ...share('guest', resolve('test/lab/vm/guest'), 'on'),
    ...share('host', `${dir}/host`, 'off'),
    ...['-netdev', 'user,id=net,ipv6=off', '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-chardev', `socket,id=agent,path=${dir}/agent,server=on,wait=off`],
    ...['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=agent'],
  ]
}

function share(tag: string, path: string, readonly: 'on' | 'off'): string[] {
  return [
    '-fsdev',
    `local,id=${tag},path=${path},security_model=none,readonly=${readonly},multidevs=remap`,
    '-device',
    `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
  ]
}

async function connect(path: string, isAlive: () => boolean): Promise<Socket> {
  for (;;) {
    const socket = await new Promise<Socket | undefined>(found => {
      const attempt = createConnection(path)
      attempt.once('connect', () => found(attempt))
      attempt.once('error', () => found(undefined))
    })
    if (socket) return socket
    if (!isAlive()) throw new Error('the VM ended before it began')
    await sleep(50)
  }
}

/** The conversation with the agent in the guest: short lines, and files in a directory that both see. */
function makeAgent(socket: Socket, dir: string) {
  const waiting = new Map<number, (answer: { code: number; ms: number }) => void>()
  let last = 0
  createInterface({ input: socket }).on('line', line => {
    const [id = 0, code = -1, ms = 0] = line.split(' ').map(Number)
    waiting.get(id)?.({ code, ms })
    waiting.delete(id)
  })
  return async (script: string, seconds: number): Promise<GuestResult> => {
    last += 1
    const id = last
    writeFileSync(`${dir}/${id}.sh`, `${script}\n`)
    const answer = new Promise<{ code: number; ms: number }>(done => waiting.set(id, done))
    socket.write(`run ${id}\n`)
    const late = setTimeout(() => socket.write(`kill ${id}\n`), seconds * 1000)
    const { code, ms } = await answer
    clearTimeout(late)
    const [stdout = '', stderr = ''] = ['out', 'err'].map(name =>
      readFileSync(`${dir}/${id}.${name}`, 'utf8'),
    )
    return { code, ms, stdout, stderr }
  }
}

async function within<T>(work: Promise<T>, ms: number, problem: () => string): Promise<T> {
  const controller = new AbortController()
  const late = sleep(ms, undefined, { signal: controller.signal }).then(() => {
    throw new Error(problem())
  })
  try {
    return await Promise.race([work, late])
  } finally {
    controller.abort()
    late.catch(() => undefined)
  }
}
