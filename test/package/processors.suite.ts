// Processors and page sizes, emulated by qemu-user: each binary answers, starts children and mounts on them, or the
// installer finds out that it does not.
import { chmodSync, writeFileSync } from 'node:fs'
import * as os from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startCluster } from '../lab/cluster.js'
import { makeNode, NOTHING } from '../lab/node.js'
import { recordCompat, recordTest } from '../records/record-compat.js'
import { base64 } from '../support/volumes.js'
import { PKG } from './release.js'

t.setTimeout(900_000)

const AS_ARM64 = 'test/lab/debian/as-arm64.sh'
const SUCCESS = { status: 'Success' }
const ENGINES = { 'Node.js': '', Bun: '-bun' } as const

type Kind = { arch: 'x64' | 'arm64'; qemu: string }

const { stdout: system } = await execa('sh', ['test/lab/debian/arm64-sysroot.sh'])
const EMULATOR = {
  arm64: `"${system}/qemu-aarch64-static" -L "${system}/root"`,
  x64: `"${system}/qemu-x86_64-static"`,
}

const programOf = ({ arch }: Kind, engine: keyof typeof ENGINES) =>
  join(PKG, `cephflex-linux-${arch}${ENGINES[engine]}`)

/** A program that runs a binary in the emulator. */
function emulated(t: Test, kind: Kind, engine: keyof typeof ENGINES): string {
  const script = join(t.testdir(), 'driver')
  writeFileSync(
    script,
    `#!/bin/sh\nexec ${EMULATOR[kind.arch]} ${kind.qemu} "${programOf(kind, engine)}" "$@"\n`,
  )
  chmodSync(script, 0o755)
  return script
}

const run = (file: string, argv: readonly string[]) =>
  execa(file, argv, { all: true, reject: false, stdin: 'ignore', timeout: 120_000 })

const cluster = await startCluster(t)
const volume = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }

async function answers(t: Test, kind: Kind, engine: keyof typeof ENGINES) {
  const { exitCode, all } = await run(emulated(t, kind, engine), ['init'])
  t.match({ exitCode, all }, { exitCode: 0, all: /^\{"status":"Success",.*\}$/ }, `init, ${kind.qemu}`)
}

async function works(t: Test, kind: Kind, engine: keyof typeof ENGINES) {
  await answers(t, kind, engine)
  const driver = emulated(t, kind, engine)
  const [file = '', ...argv] =
    kind.arch === 'arm64' ? ['sh', AS_ARM64, kind.qemu, programOf(kind, engine)] : [driver]
  const tried = await run(file, [...argv, 'self-test'])
  t.match(tried, { exitCode: 0, all: / works on this node$/ }, 'self-test')

  const node = makeNode(t, { timeoutSeconds: 60 })
  const target = node.target()
  const call = async (...args: string[]) => (await node.finish(node.start(args, driver))).reply
  t.strictSame(await call('mount', target, JSON.stringify(volume)), SUCCESS)
  t.equal(node.mountsOn(target).length, 1, 'it is mounted')
  t.strictSame(await call('unmount', target), SUCCESS)
  t.strictSame(await node.settled(60_000), NOTHING, 'nothing is left')
}

/** What the installer prints on such a node. */
const trial = (t: Test, { qemu }: Kind) =>
  run('sh', [AS_ARM64, qemu, 'sh', join(PKG, 'install.sh'), '--root', t.testdir(), '--dry-run'])

const arm64 = (cpu: string): Kind => ({ arch: 'arm64', qemu: `-cpu ${cpu}` })
const x64 = (cpu: string): Kind => ({ arch: 'x64', qemu: `-cpu ${cpu}` })

for (const engine of ['Node.js', 'Bun'] as const) {
  const row = { area: 'engine', subject: `the binary with ${engine}`, note: 'qemu-user' } as const
  t.test(`${engine} on arm64`, async t => {
    recordTest(t, 'processors', { ...row, version: 'Cortex-A53, A57, A72, A76', arch: 'arm64' })
    // the first three have the same instructions
    for (const cpu of ['cortex-a53', 'cortex-a76']) await t.test(cpu, t => works(t, arm64(cpu), engine))
    for (const cpu of ['cortex-a57', 'cortex-a72']) await answers(t, arm64(cpu), engine)
  })
  // a machine with another processor has no libraries for it
  if (os.arch() === 'x64')
    t.test(`${engine} on x86-64 without AVX`, async t => {
      recordTest(t, 'processors', { ...row, version: 'Nehalem, which has no AVX', arch: 'x86-64' })
      // a Node.js with children crashes in qemu-user 7.2, whatever the processor: it mounts in the VMs, which are Nehalem
      const tried = engine === 'Bun' ? works : answers
      await tried(t, x64('Nehalem'), engine)
    })
}

t.test('Node.js on arm64 with pages of 64K', async t => {
  const row = { area: 'engine', subject: 'the binary with Node.js', note: 'qemu-user' } as const
  recordTest(t, 'processors', { ...row, version: 'pages of 64K', arch: 'arm64' })
  await works(t, { arch: 'arm64', qemu: '-p 65536' }, 'Node.js')
})

recordCompat('processors', {
  area: 'engine',
  subject: 'the binary with Bun',
  version: 'pages of 64K',
  arch: 'arm64',
  cases: { passed: 0, failed: 0 },
  note: 'qemu-user ends it, but also with pages of 16K, where it runs on a real kernel. The installer takes Node.js there',
})

t.test('the installer chooses', async t => {
  const small = await trial(t, arm64('cortex-a53'))
  t.match(small, { exitCode: 0, all: /would create/ })
  t.notMatch(small.all, 'was chosen', 'the first that it tries')
  const large = await trial(t, { arch: 'arm64', qemu: '-p 65536' })
  t.match(large, { exitCode: 0, all: /would create/ })
  t.match(
    large.all,
    /^install\.sh: note: the binary with node was chosen; cephflex-linux-arm64-bun: panic\(main thread\)/m,
    'with pages of 64K',
  )
})

if (os.arch() === 'x64')
  t.test('this test can tell: a processor that Bun is not built for', async t => {
    const withoutSse42 = x64('Conroe')
    t.match(await run(emulated(t, withoutSse42, 'Bun'), ['init']), { signal: 'SIGILL' })
    await answers(t, withoutSse42, 'Node.js')
  })
