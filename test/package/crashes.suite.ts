// However a binary crashes, what it prints does not hold the key, and it starts nothing that could send it.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { execa } from 'execa'
import t from 'tap'
import { getBase } from '../../bin/package/binary/bases.js'
import { FAULTS, makeFault } from './fault.js'
import { BINARIES, heldCall, holdsSecret, outputOf, SECRET, startHeld } from './held-call.js'
import { PKG } from './release.js'

t.setTimeout(600_000)

const SIGNALS = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGQUIT', 'SIGSEGV', 'SIGSYS', 'SIGTRAP'] as const

/** Limits of the shell: on address space, data and stack, in KiB. */
const LIMITS = [
  ...[60_000, 300_000, 600_000, 1_000_000, 4_000_000].map(size => `-v ${size}`),
  ...[2_000, 8_000, 16_000, 32_000].map(size => `-d ${size}`),
  ...[8, 32, 128].map(size => `-s ${size}`),
]

/** Memory is full from the Nth call of mmap(2) on. */
const FULL_FROM = Array.from({ length: 10 }, (_, index) => 4 + 7 * index)

t.test('the Bun of npm prints its arguments in a crash: what is searched for below can be found', async t => {
  const { program } = getBase('bun', arch() === 'arm64' ? 'arm64' : 'x64', 'package-lock.json')
  const child = spawn(program, ['-e', 'process.on("SIGHUP", () => {}); setTimeout(() => {}, 60_000)', SECRET])
  const ended = outputOf(child)
  await pause(1_000)
  await makeFault(child.pid ?? 0, FAULTS['SIGILL'] ?? '')
  t.ok(holdsSecret((await ended).output))
})

for (const [engine, program] of Object.entries(BINARIES)) {
  t.test(`${engine}: a fault during a mount`, async t => {
    for (const [signal, code] of Object.entries(FAULTS)) {
      const { pid, ended } = await startHeld(program, t.testdir())
      await makeFault(pid, code)
      const { output, signal: endedBy } = await ended
      t.equal(endedBy, signal, `it crashed with ${signal}`)
      t.notOk(holdsSecret(output), `${signal} by itself prints no key`)
      if (engine === 'Bun') t.match(output, /^Args: $/m, 'the report was printed')
    }
  })

  t.test(`${engine}: a signal from outside during a mount`, async t => {
    for (const signal of SIGNALS) {
      const { child, ended } = await startHeld(program, t.testdir())
      child.kill(signal)
      t.notOk(holdsSecret((await ended).output), `${signal} from outside prints no key`)
    }
  })

  t.test(`${engine}: too little memory or stack`, async t => {
    let crashes = 0
    for (const limit of LIMITS) {
      const { env, args } = heldCall(t.testdir())
      const shell = ['-c', `ulimit -c 0; ulimit ${limit}; exec timeout 4 "$@"`, 'sh', program, ...args]
      const child = spawn('sh', shell, { env })
      const { output, code } = await outputOf(child)
      if (code !== 0) crashes += 1
      t.notOk(holdsSecret(output), `ulimit ${limit} prints no key`)
    }
    t.ok(crashes > 3, `${crashes} of ${LIMITS.length} crashed or were too slow`)
  })

  t.test(`${engine}: memory runs out at any moment of the start`, async t => {
    const work = t.testdir()
    const trace = join(work, 'trace')
    const seen = new Set<number | undefined>()
    for (const first of FULL_FROM) {
      const { env, args } = heldCall(work)
      // unmount is over soon; it ignores the options, which are arguments all the same
      const call = [program, 'unmount', ...args.slice(1)]
      const inject = ['-e', 'trace=mmap,execve,%network', '-e', `inject=mmap:error=ENOMEM:when=${first}+`]
      const strace = ['-f', '-o', trace, ...inject, 'timeout', '10', ...call]
      const { all, exitCode } = await execa('strace', strace, {
        env,
        extendEnv: false,
        reject: false,
        all: true,
      })
      seen.add(exitCode)
      t.notOk(holdsSecret(all), `from mmap ${first} on: no key`)
      const calls = readFileSync(trace, 'utf8')
      const started = [...calls.matchAll(/execve\("([^"]*)/g)].map(([, path = '']) => basename(path))
      const known = ['timeout', basename(program)]
      t.strictSame(
        started.filter(name => !known.includes(name)),
        [],
        'no other program',
      )
      t.notMatch(calls, 'AF_INET', 'no network')
    }
    t.ok(seen.size > 2, `it ended in several ways: ${[...seen].join(', ')}`)
  })

  t.test(`${engine}: too deep for the stack of JavaScript`, async t => {
    const { env, args } = heldCall(t.testdir())
    const deep = `{"kubernetes.io/secret/key":"${SECRET}","a":${'['.repeat(120_000)}`
    const { output, code } = await outputOf(spawn(program, ['mount', args[1] ?? '', deep], { env }))
    t.match(JSON.parse(output), { status: 'Failure' }, 'an answer')
    t.equal(code, 0)
    t.notOk(holdsSecret(output))
  })
}

t.test('arm64 with pages of 64K', async t => {
  const { stdout: system } = await execa('sh', [resolve('test/lab/debian/arm64-sysroot.sh')])
  const qemu = ['-p', '65536', '-L', `${system}/root`]
  const { args } = heldCall(t.testdir())
  const run = (binary: string, ...argv: string[]) =>
    execa(`${system}/qemu-aarch64-static`, [...qemu, join(PKG, binary), ...argv], {
      reject: false,
      all: true,
    })
  const bun = await run('cephflex-linux-arm64-bun', ...args)
  t.not(bun.exitCode, 0, 'Bun does not run there')
  t.match(bun.all, /^Args: $/m, 'and reports that')
  t.notOk(holdsSecret(bun.all), 'without the key')
  t.match(
    await run('cephflex-linux-arm64', 'init'),
    { exitCode: 0, all: /^\{"status":"Success",.*\}$/ },
    'Node.js does',
  )
})
