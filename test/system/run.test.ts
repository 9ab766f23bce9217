import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import t from 'tap'
import { files } from '../../src/system/files.js'
import { isAlive, processInfo } from '../../src/system/processes.js'
import { killGroup, makeRun, optional, STANDARD_PATH } from '../../src/system/run.js'
import { needsRoot } from '../support/needs.js'

const scratch = t.testdir()
const STANDARD = { path: STANDARD_PATH, cephConf: '/x/ceph.conf' }
const run = makeRun(STANDARD, () => scratch)
const shell = (script: string, timeoutMs = 10_000) => run('sh', ['-c', script], { timeoutMs })

const gone = async (pid: number): Promise<boolean> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const info = processInfo(pid)
    if (!info || !isAlive(info)) return true
    await sleep(10)
  }
  return false
}

t.test('a program that ends', async t => {
  const good = await shell('echo out; echo err >&2; exit 3')
  t.match(good, { exitCode: 3, stdout: 'out\n', stderr: 'err\n', timedOut: false, interrupted: false })
  t.equal(typeof good.pid, 'number', 'its pid is reported')
  t.ok(good.ms >= 0 && good.ms < 10_000, 'its duration is reported')
  const plain = await run('printf', ['%s|', '$HOME', 'a b', '*', ';'], { timeoutMs: 5_000 })
  t.equal(plain.stdout, '$HOME|a b|*|;|', 'no shell reads the arguments')
  t.equal((await shell('cat')).stdout, '', 'stdin is empty')
  const long = await shell('seq 1 100000')
  t.equal(long.stdout.length, 65_536, 'the end of a long output is kept')
  t.match(long.stdout, /\n100000\n$/, 'since the cause of a failure is at the end')
  t.match(
    await shell('kill -9 $$'),
    { exitCode: undefined, signal: 'SIGKILL', timedOut: false },
    'a signal gives no exit code',
  )
  t.strictSame(files.list(scratch), [], 'no output file is left behind')
})

t.test('a program that cannot be started has no result', async t => {
  const fails = (program: string, message: RegExp, argv: string[] = [], title = String(message)) =>
    t.rejects(run(program, argv, { timeoutMs: 5_000 }), { code: 'ENOTOOL', message }, title)
  const at = t.testdir({ file: 'text', lost: '#!/no/such/interpreter\n' })
  await fails('no-such-program', /^no-such-program is not installed on this node$/)
  await fails(`${at}/file`, /file cannot be started \(EACCES\)/)
  chmodSync(`${at}/lost`, 0o755)
  await fails(`${at}/lost`, /cannot be started \(ENOENT\)/)
  await fails('true', /^true cannot be started \(E2BIG\)$/, ['x'.repeat(3_000_000)])
  const found = makeRun({ ...STANDARD, path: `${at}:${STANDARD_PATH}` }, () => scratch)('lost', [], {
    timeoutMs: 5_000,
  })
  await t.rejects(
    found,
    { message: /^lost cannot be started \(ENOENT\)$/ },
    'it is there: not "not installed"',
  )
  const missing = run('no-such-program', [], { timeoutMs: 5_000 })
  t.equal(await optional(missing), undefined, 'a caller can do without it')
})

t.test('a full disk', { skip: needsRoot }, async t => {
  const full = mkdtempSync('/tmp/cephflex-full-')
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=8k,nr_inodes=2', 'none', full])
  t.teardown(() => execa('umount', [full]).then(() => rmdirSync(full)))
  const onFull = makeRun({ ...STANDARD, path: STANDARD_PATH }, () => full)
  await execa('sh', ['-c', 'cat /dev/zero > "$0"/x', full], { reject: false })
  const text = await onFull('sh', ['-c', 'echo all; echo well >&2; exit 3'], { timeoutMs: 5_000 })
  t.match(text, { stdout: 'all\n', stderr: 'well\n', exitCode: 3 }, 'output needs no disk')
  const daemon = { timeoutMs: 5_000, leavesDaemon: true }
  await t.rejects(
    onFull('true', [], daemon),
    { code: 'ENORUNDIR', message: new RegExp(`^no space left in ${full}: `) },
    'that of a daemon does, if there are no inodes',
  )
  await execa('mount', ['-o', 'remount,nr_inodes=100', full])
  await t.rejects(
    onFull('sh', ['-c', 'echo cause >&2; exit 1'], daemon),
    { code: 'ENORUNDIR', message: /^no space left in / },
    'output that was lost is no result',
  )
  await execa('rm', [`${full}/x`])
  t.match(await onFull('sh', ['-c', 'echo cause >&2; exit 1'], daemon), { stderr: 'cause\n', exitCode: 1 })
})

t.test('the environment of a program', async t => {
  const { stdout } = await shell('cat /proc/$$/environ')
  // the test runner hooks spawn and adds variables of its own
  const variables = stdout.split('\0').filter(text => text !== '' && !/^(_?TAP|NODE_)/.test(text))
  t.strictSame(
    variables.sort(),
    ['CEPH_CONF=/x/ceph.conf', 'CEPH_KEYRING=/dev/null', 'LC_ALL=C', `PATH=${STANDARD_PATH}`],
    'exactly four variables: nothing of the environment of this process or of /etc/ceph, and English messages',
  )
  t.equal((await shell('readlink /proc/self/cwd')).stdout, '/\n', 'it works in /, so it keeps no mount busy')
  const group = await shell('cat /proc/$$/stat')
  t.equal(group.stdout.split(' ')[4], String(group.pid), 'it leads a process group of its own')

  const leak = openSync(`${scratch}/leak`, 'w')
  t.teardown(() => files.close(leak))
  const { stdout: numbers } = await shell('ls /proc/$$/fd; :')
  t.notOk(numbers.split('\n').includes('3'), 'only the file descriptors 0, 1 and 2 are inherited')
  t.notOk(numbers.split('\n').includes(String(leak)), 'not even one without close-on-exec')
})

t.test('a program that hangs', async t => {
  const file = `${scratch}/pids`
  const start = performance.now()
  const result = await shell(`sleep 100 & (sleep 100 & echo $! >> ${file}); echo $! >> ${file}; wait`, 300)
  t.match(result, { timedOut: true, exitCode: undefined, interrupted: false }, 'it is stopped at its limit')
  t.ok(performance.now() - start < 5_000, 'soon after the limit')
  const pids = readFileSync(file, 'utf8').trim().split('\n').map(Number)
  t.equal(pids.length, 2, 'it had a child and a grandchild')
  for (const pid of pids)
    t.ok(await gone(pid), 'the whole process group is killed: a remaining child could mount later')
  files.remove(file)
  const deaf = await shell('trap "" TERM INT HUP; echo deaf; while :; do sleep 1; done', 300)
  t.match(deaf, { timedOut: true, stdout: 'deaf\n' }, 'signals that can be ignored do not matter')
})

t.test('a program that fails and leaves a child', async t => {
  const { stdout, exitCode } = await shell('sleep 100 & echo $!; exit 1')
  t.equal(exitCode, 1, 'its own exit code is returned')
  t.ok(await gone(Number(stdout)), 'its child is killed')
})

t.test('a program that leaves a daemon', async t => {
  const start = performance.now()
  const { stdout, exitCode, pid = 0 } = await shell('sleep 100 & echo $!; exit 0')
  t.ok(performance.now() - start < 5_000, 'a child that keeps stdout open does not block')
  t.equal(exitCode, 0, 'it succeeded')
  const daemon = processInfo(Number(stdout))
  t.equal(daemon?.group, pid, 'the daemon keeps running, in the group of the program')
  killGroup(pid)
  t.ok(await gone(Number(stdout)), 'killGroup kills it')
  killGroup(pid)
  t.pass('killing a missing group is no error')
})

t.test('a signal to this process', async t => {
  const controller = new AbortController()
  const interruptible = makeRun(STANDARD, () => scratch, controller.signal)
  const pending = interruptible('sleep', ['100'], { timeoutMs: 60_000 })
  const cleanup = interruptible('sh', ['-c', 'sleep 0.3; echo done'], { timeoutMs: 60_000, isCleanup: true })
  await sleep(50)
  controller.abort()
  const { pid = 0, ...result } = await pending
  t.match(result, { interrupted: true, exitCode: undefined, timedOut: false }, 'a running program is stopped')
  t.ok(await gone(pid), 'and has ended')
  t.match(await cleanup, { interrupted: false, exitCode: 0, stdout: 'done\n' }, 'a clean-up continues')
  const later = await interruptible('sleep', ['100'], { timeoutMs: 60_000 })
  t.equal(later.interrupted, true, 'a program that is started afterwards is stopped at once')
  const undo = await interruptible('true', [], { timeoutMs: 5_000, isCleanup: true })
  t.match(undo, { exitCode: 0, interrupted: false }, 'a clean-up can still be started')
})

t.test('the search path of programs', async t => {
  const own = `${t.testdir()}/bin`
  mkdirSync(own)
  writeFileSync(`${own}/true`, '#!/bin/sh\necho mine\n', { mode: 0o755 })
  const result = await makeRun({ ...STANDARD, path: `${own}:${STANDARD_PATH}` }, () => scratch)('true', [], {
    timeoutMs: 5_000,
  })
  t.equal(result.stdout, 'mine\n', 'the directories of the node come first')
})
