import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { takeLock } from '../../../src/system/lock/lock.js'
import { processInfo } from '../../../src/system/processes.js'
import { needsRoot } from '../../support/needs.js'

const HELPER = new URL('../../../src/system/', import.meta.url).href

/** A real process that takes the lock, prints a line, and holds it until its stdin ends. */
const SOURCE = `
const [path, name, holdMs, counter] = process.argv.slice(1)
const { takeLock } = await import('${HELPER}lock/lock.js')
const { processInfo } = await import('${HELPER}processes.js')
const fs = await import('node:fs')
const self = { pid: process.pid, startTime: processInfo(process.pid).startTime, call: name, since: 'now' }
const lock = await takeLock(path, self, 60_000)
if (counter) {
  // a lost update shows that two processes held the lock at once
  const before = Number(fs.readFileSync(counter, 'utf8'))
  await new Promise(resolve => setTimeout(resolve, Number(holdMs)))
  fs.writeFileSync(counter, String(before + 1))
  if (lock.abandonedBy) fs.appendFileSync(counter + '.abandoned', name + '\\n')
  lock.release()
} else {
  process.stdout.write('held\\n')
  setTimeout(() => {}, 60_000)
}
`

const start = (t: Test, args: readonly string[], apart: readonly string[] = []) => {
  const node = [process.execPath, '--input-type=module', '-e', SOURCE, '--', ...args]
  const [program = '', ...argv] = [...apart, ...node]
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

const hold = async (t: Test, path: string, apart: readonly string[] = []) => {
  const child = start(t, [path, 'mount /pods/a', '0', ''], apart)
  await once(child.stdout, 'data')
  return child
}

const take = (path: string, timeoutMs: number, call = 'unmount /pods/a', signal?: AbortSignal) => {
  const startTime = processInfo(process.pid)?.startTime ?? ''
  return takeLock(path, { pid: process.pid, startTime, call, since: 'now' }, timeoutMs, signal)
}

t.test('one holder at a time', async t => {
  const path = `${t.testdir()}/lock`
  const lock = await take(path, 1_000)
  t.notOk(lock.abandonedBy, 'a new lock was not abandoned')
  t.ok(existsSync(path), 'the lock file exists')
  await t.rejects(
    take(path, 100, 'second'),
    { code: 'ELOCKED', message: new RegExp(`"unmount /pods/a" of pid ${process.pid}, since now`) },
    'a second call waits for its limit, and then names the first one and its pid',
  )
  lock.release()
  t.strictSame(readdirSync(t.testdirName), [], 'a released lock leaves nothing')
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
    'the lock of another process is respected',
  )
  const waiting = take(path, 20_000)
  await sleep(50)
  holder.kill('SIGKILL')
  const lock = await waiting
  t.match(
    lock.abandonedBy,
    { pid: holder.pid, call: 'mount /pods/a' },
    'a killed holder loses it at once, and its successor gets its description',
  )
  lock.release()
  const next = await take(path, 1_000)
  t.notOk(next.abandonedBy, 'that is reported once')
  next.release()
})

t.test('eight processes', async t => {
  const directory = t.testdir({ count: '0' })
  const path = `${directory}/lock`
  const dead = await hold(t, path)
  dead.kill('SIGKILL')
  await once(dead, 'exit')
  const all = Array.from({ length: 8 }, (_, i) => start(t, [path, `call ${i}`, '20', `${directory}/count`]))
  const codes = await Promise.all(all.map(async child => (await once(child, 'exit'))[0] as number))
  t.strictSame(codes, new Array(8).fill(0), 'each of them gets the lock of a dead process')
  t.equal(readFileSync(`${directory}/count`, 'utf8'), '8', 'one after the other')
  t.match(
    readFileSync(`${directory}/count.abandoned`, 'utf8'),
    /^call \d\n$/,
    'one of them gets the description of the dead holder',
  )
  t.strictSame(readdirSync(directory).sort(), ['count', 'count.abandoned'], 'nothing is left')
})

t.test('a process in namespaces of its own', { skip: needsRoot }, async t => {
  const path = `${t.testdir()}/lock`
  const apart = ['unshare', '--net', '--pid', '--fork', '--kill-child', '--mount-proc']
  const holder = await hold(t, path, apart)
  await t.rejects(take(path, 300), { code: 'ELOCKED' }, 'holds it')
  holder.kill('SIGKILL')
  const lock = await take(path, 20_000)
  t.match(lock.abandonedBy, { call: 'mount /pods/a' }, 'and loses it when it dies')
  lock.release()
})

t.test('files of dead processes', async t => {
  const directory = t.testdir({ 'lock.call': 'no JSON' })
  const path = `${directory}/lock`
  mkdirSync(path)
  const dead = ['lock.999999999.1.1', 'lock.999999999.1.2']
  for (const name of dead) mkdirSync(`${directory}/${name}`)
  writeFileSync(`${directory}/${dead[0]}/999999999.1.1`, '')
  mkdirSync(`${directory}/other.999999999.1.1`)
  const lock = await take(path, 1_000)
  t.notOk(lock.abandonedBy, 'an empty description means no holder')
  t.strictSame(
    readdirSync(directory).sort(),
    ['lock', 'lock.call', 'other.999999999.1.1'],
    'a half-released lock is free; files that have not become this lock are removed',
  )
  lock.release()
  writeFileSync(path, '{"pid":1}')
  const again = await take(path, 1_000)
  t.ok(statSync(path).isDirectory(), 'the lock file of an older build does no harm')
  again.release()
})

t.test("environment variables of Node's cluster module", async t => {
  const path = `${t.testdir()}/lock`
  const holder = await hold(t, path, ['env', 'NODE_UNIQUE_ID=1'])
  await t.rejects(take(path, 100), { code: 'ELOCKED', message: `pid ${holder.pid}` }, 'are ignored')
})

t.test('a path of any length', async t => {
  const path = `${t.testdir()}/${'long/'.repeat(40)}lock`
  mkdirSync(path.replace(/[^/]*$/, ''), { recursive: true })
  const lock = await take(path, 1_000)
  await t.rejects(take(path, 100), { code: 'ELOCKED' }, 'too long for the path of a socket')
  lock.release()
})

t.test('a lock that cannot be taken', async t => {
  const path = `${t.testdir()}/lock`
  const lock = await take(path, 1_000)
  const controller = new AbortController()
  const waiting = take(path, 20_000, 'second', controller.signal)
  setTimeout(() => controller.abort(), 50)
  await t.rejects(waiting, { code: 'EINTERRUPTED' }, 'a signal ends the wait')
  await t.rejects(
    take(path, 1_000, 'third', controller.signal),
    { code: 'EINTERRUPTED' },
    'also before it starts',
  )
  t.strictSame(
    readdirSync(t.testdirName).sort(),
    ['lock', 'lock.call'],
    'the lock of the holder remains, and no file of those that gave up',
  )
  lock.release()
  rmSync(t.testdirName, { recursive: true })
  writeFileSync(t.testdirName, '')
  await t.rejects(
    take(path, 100),
    { code: 'ENORUNDIR', message: /lock cannot be written: / },
    'its directory is missing',
  )
  rmSync(t.testdirName)
})
