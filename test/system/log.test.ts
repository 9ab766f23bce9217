import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import t from 'tap'
import { Secret } from '../../src/core/secret.js'
import { files } from '../../src/system/files.js'
import { makeLog } from '../../src/system/log.js'
import { KEY } from '../support/volumes.js'

const MIB = 1024 * 1024

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)

t.test('the lines of the log', async t => {
  const directory = `${t.testdir()}/log/cephflex`
  const log = makeLog(directory, { call: 'mount', pid: 7 })
  t.equal(files.kind(directory), 'missing', 'an unused log creates nothing')
  log('call')
  log('run', { argv: ['a', 'line\nfeed'], key: new Secret(KEY), deep: { credential: [new Secret(KEY)] } })
  const path = `${directory}/cephflex.log`
  t.equal(statSync(directory).mode & 0o777, 0o700, 'only root can enter the directory')
  t.equal(statSync(path).mode & 0o777, 0o600, 'only root can read the file')
  const lines = linesOf(path)
  t.equal(lines.length, 2, 'each event is one line of JSON')
  t.match(lines[0], { call: 'mount', pid: 7, event: 'call', time: /^\d{4}-.*Z$/, ms: Number })
  t.match(lines[1], { call: 'mount', event: 'run', argv: ['a', 'line\nfeed'], key: '<masked>' })
  t.notMatch(readFileSync(path, 'utf8'), KEY, 'a secret is masked however deep it is')
})

t.test('a full log', async t => {
  const directory = t.testdir()
  files.secureDirectory(`${directory}/x`)
  const path = `${directory}/x/cephflex.log`
  for (let round = 0; round < 6; round += 1) {
    writeFileSync(path, `round ${round}\n`)
    truncateSync(path, 5 * MIB)
    makeLog(`${directory}/x`, {})('event')
    // the names contain the time in milliseconds
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  const old = files.list(`${directory}/x`).filter(name => name !== 'cephflex.log')
  t.equal(old.length, 3, 'three old logs are kept')
  const first = old.map(name => readFileSync(`${directory}/x/${name}`, 'utf8').slice(0, 7)).sort()
  t.strictSame(first, ['round 3', 'round 4', 'round 5'], 'the newest three')
  t.match(linesOf(path), [{ event: 'event' }], 'the log goes on in a new file')
  writeFileSync(path, 'x\n')
  makeLog(`${directory}/x`, {})('event')
  t.match(readFileSync(path, 'utf8'), /^x\n\{/, 'lines are appended to a log that is not full')
})

t.test('a log that cannot be written', async t => {
  const directory = t.testdir({ file: '', open: {} })
  for (const bad of [`${directory}/file/log`, '/proc/nowhere', '/dev/null', `${directory}/file`]) {
    const log = makeLog(bad, {})
    log('call')
    log('done')
    t.pass(`${bad.replace(directory, '')} is not an error`)
  }
  const open = `${directory}/open`
  makeLog(open, {})('call')
  t.strictSame(files.list(open), [], 'nothing is written to a directory that other users can enter')
})

t.test('a log that is no regular file', { timeout: 20_000 }, async t => {
  const directory = t.testdir()
  files.secureDirectory(`${directory}/x`)
  const path = `${directory}/x/cephflex.log`
  const server = createServer()
  const kinds: Record<string, () => unknown> = {
    'a FIFO': () => execFileSync('mkfifo', [path]),
    'a directory': () => mkdirSync(path),
    'a link': () => symlinkSync(`${directory}/elsewhere`, path),
    'a socket': () => new Promise(resolve => server.listen(path, () => resolve(undefined))),
  }
  for (const [kind, make] of Object.entries(kinds)) {
    await make()
    makeLog(`${directory}/x`, {})('event')
    t.pass(`${kind} neither blocks nor fails`)
    rmSync(path, { recursive: true })
  }
  server.close()
  t.notOk(existsSync(`${directory}/elsewhere`), 'a link is not followed')
})

t.test('a link in place of the log is not followed', async t => {
  const directory = `${t.testdir()}/log`
  files.secureDirectory(directory)
  const victim = `${t.testdirName}/victim`
  writeFileSync(victim, 'a file of the node\n')
  symlinkSync(victim, `${directory}/cephflex.log`)
  const log = makeLog(directory, { call: 'mount' })
  t.doesNotThrow(() => log('call'), 'a call goes on without a log')
  t.equal(readFileSync(victim, 'utf8'), 'a file of the node\n')
  t.throws(() => files.append(`${directory}/cephflex.log`, 'x'), { code: 'ELOOP' })
})
