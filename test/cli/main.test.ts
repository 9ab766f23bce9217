import t from 'tap'

const written: [fd: number, text: string][] = []
const { main, crash } = await t.mockImport<typeof import('../../src/main.js')>('../../src/main.js', {
  '../../src/system/output.js': {
    write: (fd: number, text: string) => {
      written.push([fd, text])
    },
  },
})

const PLAIN = '/opt/cephflex/bin/cephflex'
const DRIVER = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec/example.com~cephflex/cephflex'

/** Exit code and what was written. */
const call = async (program: string, ...argv: string[]) => {
  written.length = 0
  const code = await main(program, argv)
  return { code, written: [...written] }
}
const replyOf = (lines: typeof written) => JSON.parse(lines[0]?.[1] ?? '') as Record<string, unknown>

t.test('init', async t => {
  for (const program of [PLAIN, DRIVER]) {
    const { code, written } = await call(program, 'init')
    t.equal(code, 0, 'the exit code of a call is 0')
    t.match(written, [[1, /^\{.*\}\n$/]], 'one line on standard output, nothing on standard error')
    t.match(replyOf(written), { status: 'Success', capabilities: { attach: false } }, 'no attach')
  }
})

t.test('calls that this driver has no use for', async t => {
  const calls = [
    'attach',
    'detach',
    'waitforattach',
    'waitfordetach',
    'isattached',
    'mountdevice',
    'unmountdevice',
  ]
  const more = ['getvolumename', 'getdevicemountpath', 'expandvolume', 'expandfs']
  for (const name of [...calls, ...more]) {
    const { code, written } = await call(PLAIN, name, '{}', 'x')
    t.strictSame(
      [code, replyOf(written)],
      [0, { status: 'Not supported' }],
      `${name} is not supported, by any path`,
    )
  }
})

t.test("the kubelet's path", async t => {
  for (const argv of [['nonsense'], ['--help'], ['dev-cluster', 'start'], []]) {
    const { code, written } = await call(DRIVER, ...argv)
    t.strictSame(
      [code, written],
      [0, [[1, '{"status":"Not supported"}\n']]],
      `"${argv.join(' ')}": JSON, whatever comes`,
    )
  }
})

t.test('calls that fail', async t => {
  for (const argv of [['mount'], ['mount', 'relative', '{}'], ['unmount'], ['unmount', '/', 'x']]) {
    const { code, written } = await call(DRIVER, ...argv)
    t.equal(code, 0, `${argv.join(' ')}: exit code 0, or the kubelet logs our arguments`)
    t.match(
      replyOf(written),
      { status: 'Failure', message: /^E[A-Z]+: .*\. Hint: / },
      'code, reason and hint',
    )
    t.equal(written.length, 1, 'one answer')
  }
})

t.test('when nothing else works', async t => {
  written.length = 0
  t.equal(crash(DRIVER, ['mount']), 0, 'a call of the kubelet has an answer')
  t.match(replyOf(written), { status: 'Failure', message: /^EBUG: / }, 'a failure')
  written.length = 0
  t.equal(crash(PLAIN, ['dev-cluster']), 1, 'a person gets an exit code')
  t.match(written, [[2, /^EBUG: .*\n$/]], 'and a line on standard error')
})
