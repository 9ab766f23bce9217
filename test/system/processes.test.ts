import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  allPids,
  argvOf,
  holdersOf,
  isAlive,
  memoryOf,
  processInfo,
  sendSignal,
} from '../../src/system/processes.js'

const start = async (t: Test, program: string, argv: string[], cwd = '/'): Promise<number> => {
  const child = spawn(program, argv, { cwd, stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  return child.pid ?? 0
}

t.test('one process', async t => {
  const pid = await start(t, 'sleep', ['61', '--', 'a b'].slice(0, 1))
  const info = processInfo(pid)
  t.match(info, { pid, name: 'sleep', state: /[RSD]/, startTime: /^\d+$/ }, 'the data of /proc')
  t.equal(info?.group, processInfo(process.pid)?.group, 'a child is in the process group of this process')
  t.ok(allPids().includes(pid) && allPids().includes(process.pid), 'it is in the list')
  t.strictSame(argvOf(pid), ['sleep', '61'], 'its arguments, one by one')
  const identity = { pid, startTime: info?.startTime ?? '' }
  t.equal(isAlive(identity), true, 'it runs')
  t.equal(isAlive({ pid, startTime: '1' }), false, 'another start time is another process')
  t.equal(sendSignal({ pid, startTime: '1' }, 'SIGKILL'), false, 'and gets no signal')
  t.equal(isAlive(identity), true, 'it is still running')
  t.equal(sendSignal(identity, 'SIGKILL'), true, 'it is killed')
  for (let tries = 0; tries < 100 && isAlive(identity); tries += 1) await sleep(10)
  t.equal(isAlive(identity), false, 'it has ended')
  t.equal(sendSignal(identity, 'SIGTERM'), false, 'a signal to an ended process is not sent')
  t.equal(processInfo(4_194_305), undefined, 'there is no process with an invalid pid')
  t.strictSame(argvOf(4_194_305), [], 'and it has no arguments')
})

t.test('a zombie', async t => {
  // sleep, which replaces the shell, never waits for the child of the shell
  const pid = await start(t, 'sh', ['-c', 'true & exec sleep 62'])
  await sleep(200)
  const zombie = allPids()
    .flatMap(each => processInfo(each) ?? [])
    .find(({ state, name, pid: each }) => state === 'Z' && each > pid && /^(?:true|sh)$/.test(name))
  t.ok(zombie, 'the child has ended and is still in the list')
  if (zombie) t.equal(isAlive(zombie), false, 'a zombie is not alive')
})

t.test('the processes that keep a mount busy', async t => {
  const at = t.testdir({ a: { file: '', sub: {} }, ab: { file: '' } })
  symlinkSync(`${at}/a`, `${at}/link`)
  const inside = await start(t, 'sleep', ['63'], `${at}/a`)
  const below = await start(t, 'sleep', ['63'], `${at}/a/sub`)
  const open = await start(t, 'tail', ['-f', `${at}/a/file`])
  const sibling = await start(t, 'sleep', ['63'], `${at}/ab`)
  const linked = await start(t, 'tail', ['-f', `${at}/link/file`])
  await sleep(200)
  const pids = holdersOf(`${at}/a`).map(({ pid }) => pid)
  t.ok(pids.includes(inside), 'a working directory')
  t.ok(pids.includes(below), 'a working directory below it')
  t.ok(pids.includes(open), 'an open file')
  t.ok(pids.includes(linked), 'also a file that was opened through a link')
  t.notOk(pids.includes(sibling), 'a name with the same beginning does not count')
  t.notOk(pids.includes(process.pid), 'this process is never in the list')
  t.equal(holdersOf(`${at}/a`).find(({ pid }) => pid === open)?.name, 'tail', 'a holder has a name')
  t.strictSame(holdersOf(`${at}/none`), [], 'no process')
})

t.test('memory', async t => {
  t.ok((memoryOf(process.pid) ?? 0) > 10e6, 'in bytes')
  t.equal(memoryOf(2 ** 30), undefined, 'a process that has exited')
})
