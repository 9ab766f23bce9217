import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { takeLock } from '../../src/system/lock.js'
import { processInfo } from '../../src/system/processes.js'
import { makeRun, type Run, STANDARD_PATH } from '../../src/system/run.js'

const HELPER = new URL('../../src/system/', import.meta.url).href

/** A real process that takes the lock, says so, and holds it until its stdin ends. */
const SOURCE = `
const [path, name, holdMs, counter] = process.argv.slice(1)
const { takeLock } = await import('${HELPER}lock.js')
const { makeRun, STANDARD_PATH } = await import('${HELPER}run.js')
const { processInfo } = await import('${HELPER}processes.js')
const fs = await import('node:fs')
const self = { pid: process.pid, startTime: processInfo(process.pid).startTime, call: name, since: 'now' }
const run = makeRun(STANDARD_PATH, () => path.replace(/[^/]*$/, ''))
const lock = await takeLock(run, path, self, 60_000)
if (counter) {
  // lost updates show that two were inside at once
  const before = Number(fs.readFileSync(counter, 'utf8'))
  await new Promise(resolve => setTimeout(resolve, Number(holdMs)))
  fs.writeFileSync(counter, String(before + 1))
  lock.release()
} else {
  process.stdout.write('held\\n')
  setTimeout(() => {}, 60_000)
}
`

const start = (t: Test, ...args: string[]) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SOURCE, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

const hold = async (t: Test, path: string) => {
  const child = start(t, path, 'mount /pods/a', '0', '')
  await once(child.stdout, 'data')
  return child
}

const take = (path: string, timeoutMs: number, call = 'unmount /pods/a', signal?: AbortSignal) => {
  const startTime = processInfo(process.pid)?.startTime ?? ''
  const run = makeRun(STANDARD_PATH, () => path.replace(/[^/]*$/, ''), signal)
  return takeLock(run, path, { pid: process.pid, startTime, call, since: 'now' }, timeoutMs)
}

t.test('one holder at a time', async t => {
  const path = `${t.testdir()}/lock`
  const lock = await take(path, 1_000)
  t.notOk(lock.abandonedBy, 'a new lock was abandoned by nobody')
  t.ok(existsSync(path), 'it is a file')
  await t.rejects(
    take(path, 100, 'second'),
    { code: 'ELOCKED', message: new RegExp(`"unmount /pods/a" of pid ${process.pid}, since now`) },
    'a second call waits its time, and then names the first one and its pid',
  )
  lock.release()
  t.notOk(existsSync(path), 'a released lock leaves no file')
  const again = await take(path, 1_000)
  t.notOk(again.abandonedBy, 'a released lock was not abandoned')
  again.release()
})

t.test('two processes', async t => {
  const path = `${t.testdir()}/lock`
  const holder = await hold(t, path)
  await t.rejects(
    take(path, 100),
    { code: 'ELOCKED', message: `"mount /pods/a" of pid ${holder.pid}` },
    'the lock of another process counts',
  )
  const waiting = take(path, 20_000)
  await sleep(50)
  holder.kill('SIGKILL')
  const lock = await waiting
  t.match(
    lock.abandonedBy,
    { pid: holder.pid, call: 'mount /pods/a' },
    'a killed holder loses it at once, and its successor is told who it was',
  )
  lock.release()
  const next = await take(path, 1_000)
  t.notOk(next.abandonedBy, 'that is told once')
  next.release()
})

t.test('eight processes', async t => {
  const { writeFileSync, readFileSync } = await import('node:fs')
  const directory = t.testdir({ count: '0' })
  const all = Array.from({ length: 8 }, (_, i) =>
    start(t, `${directory}/lock`, `call ${i}`, '20', `${directory}/count`),
  )
  const codes = await Promise.all(all.map(async child => (await once(child, 'exit'))[0] as number))
  t.strictSame(codes, new Array(8).fill(0), 'each of them gets it')
  t.equal(readFileSync(`${directory}/count`, 'utf8'), '8', 'one after the other')
  t.notOk(existsSync(`${directory}/lock`), 'nothing is left')
  writeFileSync(`${directory}/lock`, 'no JSON')
  const lock = await take(`${directory}/lock`, 1_000)
  t.notOk(lock.abandonedBy, 'a file that says nothing is a lock like any other')
  lock.release()
})

t.test('what can go wrong', async t => {
  const path = `${t.testdir()}/lock`
  const lock = await take(path, 1_000)
  const controller = new AbortController()
  const waiting = take(path, 20_000, 'second', controller.signal)
  setTimeout(() => controller.abort(), 50)
  await t.rejects(waiting, { code: 'EINTERRUPTED' }, 'a signal ends the wait')
  t.ok(existsSync(path), 'the file of the holder stays')
  lock.release()
  const self = { pid: 1, startTime: '1', call: 'x', since: 'now' }
  const real = makeRun(STANDARD_PATH, () => t.testdirName)
  const cutOff: Run = async (program, argv, options) =>
    options.isCleanup
      ? real(program, argv, options)
      : { ...(await real('true', [], options)), exitCode: undefined, interrupted: true }
  await t.rejects(takeLock(cutOff, path, self, 1_000), { code: 'EINTERRUPTED' })
  t.notOk(existsSync(path), 'a call that is ended while it takes the lock leaves no file')
  const nothing = makeRun('/nowhere', () => t.testdirName)
  await t.rejects(
    takeLock(nothing, path, self, 100),
    { code: 'ENOTOOL', hint: /util-linux/ },
    'flock(1) is needed',
  )
})
