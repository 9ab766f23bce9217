import t from 'tap'
import { crash, main } from '../../src/main.js'
import { captured } from '../support/captured.js'

// to leave this node's own configuration and log alone
const config = { runDirectory: `${t.testdirName}/run`, logDirectory: `${t.testdirName}/log` }
process.env['CEPHFLEX_CONFIG'] = `${t.testdir({ 'config.json': JSON.stringify(config) })}/config.json`

const PLAIN = '/opt/cephflex/bin/cephflex'
const DRIVER = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec/example.com~cephflex/cephflex'

const call = (program: string, ...argv: string[]) => captured(() => main(program, argv))
const replyOf = (lines: readonly [number, string][]) =>
  JSON.parse(lines[0]?.[1] ?? '') as Record<string, unknown>

t.test('init', async t => {
  for (const program of [PLAIN, DRIVER]) {
    const { code, written } = await call(program, 'init')
    t.equal(code, 0, 'the exit code of a call is 0')
    t.match(written, [[1, /^\{.*\}\n$/]], 'one line on standard output, nothing on standard error')
    t.match(replyOf(written), { status: 'Success', capabilities: { attach: false } }, 'no attach')
  }
})

t.test('calls that this driver does not support', async t => {
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
  for (const argv of [['nonsense'], ['--foo'], ['dev-cluster', 'start'], []]) {
    const { code, written } = await call(DRIVER, ...argv)
    t.strictSame(
      [code, written],
      [0, [[1, '{"status":"Not supported"}\n']]],
      `"${argv.join(' ')}": JSON for any arguments`,
    )
  }
})

t.test('an installed driver, run by a person', async t => {
  const { code, written } = await call(DRIVER, '--help')
  t.equal(code, 0)
  t.match(written[0]?.[1], /doctor/, 'prints the commands that it supports')
  const wrong = await call(DRIVER, 'install', '--nonsense')
  t.match(wrong, { code: 2, written: [[2, /unknown option/]] }, 'install is one of them')
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
  const kubelet = await captured(() => crash(DRIVER, ['mount']))
  t.equal(kubelet.code, 0, 'a call of the kubelet gets a reply')
  t.match(replyOf(kubelet.written), { status: 'Failure', message: /^EBUG: / }, 'the reply is a failure')
  const person = await captured(() => crash(PLAIN, ['dev-cluster']))
  t.equal(person.code, 1, 'a command ends with an exit code')
  t.match(person.written, [[2, /^EBUG: .*\n$/]], 'and prints a line on standard error')
})
