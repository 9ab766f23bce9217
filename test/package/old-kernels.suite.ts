// Old kernels: each binary with every system call that such a kernel lacks answered with ENOSYS.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startCluster } from '../lab/cluster.js'
import { makeNode, NOTHING } from '../lab/node.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { base64 } from '../support/volumes.js'
import { BINARIES } from './held-call.js'

type Kernel = '2.6.35' | '3.10' | '3.17' | '4.4'

/**
 * The first system call that a kernel lacks. They are numbered in the order in which they came: syscall_64.tbl and
 * asm-generic/unistd.h of Linux have the numbers, syscalls(2) has the versions. What follows 2.6.35 is fanotify_init
 * (arm64: prlimit64), what follows 3.10 is sched_setattr, what follows 3.17 is bpf, and what follows 4.4 is
 * copy_file_range.
 */
const FIRST_MISSING: Record<'x86-64' | 'arm64', Record<Kernel, number>> = {
  'x86-64': { '2.6.35': 300, '3.10': 314, '3.17': 321, '4.4': 326 },
  arm64: { '2.6.35': 261, '3.10': 274, '3.17': 280, '4.4': 285 },
}

/** The last one before the gap in the numbers, rseq (4.18); after it come those that all processors share. */
const LAST_OF_ITS_OWN = { 'x86-64': 334, arm64: 293 }
/** From pidfd_send_signal (5.1) to the last that strace(1) of Debian 12 knows, set_mempolicy_home_node (5.17). */
const SHARED = [424, 450] as const

const SUCCESS = { status: 'Success' }

function missingIn(kernel: Kernel): string {
  const range = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index)
  const own = range(FIRST_MISSING[thisArch()][kernel], LAST_OF_ITS_OWN[thisArch()])
  return [...own, ...range(...SHARED)].join(',')
}

/**
 * Runs a program as on such a kernel. `missed` has the calls that it tried in vain.
 *
 * @param others whether programs that it starts have the whole kernel: ceph-fuse of this machine needs getrandom(2).
 */
async function runOn(
  kernel: Kernel,
  t: Test,
  argv: readonly string[],
  { others = false, env = {} }: { others?: boolean; env?: Record<string, string> } = {},
) {
  const begin = performance.now()
  const trace = join(t.testdir(), 'trace')
  const calls = missingIn(kernel)
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=ENOSYS`]
  const { all, exitCode } = await execa(
    'strace',
    ['-f', ...(others ? ['--detach-on=execve'] : []), '-o', trace, ...inject, ...argv],
    { env, stdin: 'ignore', all: true, reject: false, timeout: 60_000 },
  )
  const found = readFileSync(trace, 'utf8').matchAll(/(\w+)\(.*\(INJECTED\)$/gm)
  const missed = [...new Set([...found].map(([, name = '']) => name))].sort()
  t.comment(`${argv[1]} after ${Math.round(performance.now() - begin)} ms did without ${missed.join(', ')}`)
  return { code: exitCode, output: all, missed }
}

const cluster = await startCluster(t)
const options = JSON.stringify({
  monitors: cluster.monitors,
  'kubernetes.io/secret/key': base64(cluster.adminKey),
})

async function works(t: Test, kernel: Kernel, program: string) {
  const init = await runOn(kernel, t, [program, 'init'])
  t.match(init, { code: 0, output: /^\{"status":"Success",.*\}$/ }, 'init')
  t.ok(init.missed.includes('rseq'), 'it has tried calls that this kernel lacks')
  t.match(await runOn(kernel, t, [program, 'self-test']), { code: 0, output: / works on this node$/ })

  const node = makeNode(t)
  const target = node.target()
  const call = async (...args: string[]) => {
    const { code, output } = await runOn(kernel, t, [program, ...args], {
      others: true,
      env: node.environment,
    })
    t.equal(code, 0)
    return JSON.parse(output)
  }
  t.strictSame(await call('mount', target, options), SUCCESS)
  t.equal(node.mountsOn(target).length, 1, 'it is mounted')
  t.strictSame(await call('unmount', target), SUCCESS)
  t.strictSame(await node.settled(), NOTHING, 'nothing is left')
}

async function doesNotStart(t: Test, kernel: Kernel, program: string) {
  for (const command of ['init', 'self-test']) {
    const { code, output } = await runOn(kernel, t, [program, command])
    t.not(code, 0, `${command} fails`)
    t.notMatch(output, /Success|works on this node/)
  }
}

const { 'Node.js': node, Bun: bun } = BINARIES
for (const [engine, program, kernel] of [
  ['Bun', bun, '3.10'],
  ['Bun', bun, '4.4'],
  ['Node.js', node, '4.4'],
] as const)
  t.test(`${engine} on Linux ${kernel}`, async t => {
    recordTest(t, 'old-kernels', {
      area: 'engine',
      subject: `the binary with ${engine}`,
      version: `system calls of Linux ${kernel}`,
      arch: thisArch(),
      note: 'newer ones fail with ENOSYS',
    })
    await works(t, kernel, program)
  })

// no node has this kernel and a glibc of 2.28
t.test('Node.js needs getrandom of Linux 3.17', async t => {
  await doesNotStart(t, '3.10', node)
  t.match(await runOn('3.17', t, [node, 'self-test']), { code: 0, output: / works on this node$/ })
})

t.test('this test can tell: with the calls of Linux 2.6.35, neither starts', async t => {
  for (const program of [bun, node]) await doesNotStart(t, '2.6.35', program)
})
