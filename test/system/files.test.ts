import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import t from 'tap'
import { errno, files } from '../../src/system/files.js'
import { needsRoot } from '../support/needs.js'

t.test('secureDirectory', { skip: needsRoot }, async t => {
  const at = t.testdir({ file: 'x', open: {}, foreign: {}, target: {} })
  files.secureDirectory(`${at}/a/b/c`)
  t.equal(fs.statSync(`${at}/a/b/c`).mode & 0o777, 0o700, 'it is created, with its parents')
  t.equal(fs.statSync(`${at}/a`).mode & 0o777, 0o700, 'its parents are private, too')
  files.secureDirectory(`${at}/a/b/c`)
  t.pass('a safe directory is accepted')
  const umask = process.umask(0)
  process.umask(umask)
  t.equal(umask & 0o077, process.umask() & 0o077, 'the umask is as before')

  fs.chmodSync(`${at}/open`, 0o755)
  fs.chmodSync(`${at}/foreign`, 0o700)
  fs.chownSync(`${at}/foreign`, 65_534, 65_534)
  fs.chmodSync(`${at}/target`, 0o700)
  fs.symlinkSync(`${at}/target`, `${at}/link`)
  fs.symlinkSync(`${at}/nowhere`, `${at}/dangling`)
  const REFUSED = {
    link: 'a link, even to a safe directory',
    dangling: 'a link to nowhere',
    open: 'a directory that others can enter',
    foreign: 'a directory of another user',
    file: 'a file',
    'file/below': 'a directory below a file',
  }
  for (const [name, what] of Object.entries(REFUSED)) {
    t.throws(
      () => files.secureDirectory(`${at}/${name}`),
      { code: 'ENORUNDIR', message: name },
      `refused: ${what}`,
    )
  }
  fs.chmodSync(`${at}/open`, 0o710)
  t.throws(
    () => files.secureDirectory(`${at}/open`),
    { code: 'ENORUNDIR' },
    'refused: any right of the group',
  )
})

t.test('reading', async t => {
  const at = t.testdir({ file: 'text', dir: { one: '', two: '' }, link: t.fixture('symlink', 'file') })
  t.equal(files.read(`${at}/file`), 'text', 'the text of a file')
  t.equal(files.read(`${at}/none`), undefined, 'a missing file has none')
  t.equal(files.read(`${at}/file/x`), undefined, 'nor has one below a file')
  t.throws(() => files.read(`${at}/dir`), { code: 'EISDIR' }, 'a directory cannot be read as a file')
  t.strictSame(files.list(`${at}/dir`).sort(), ['one', 'two'], 'the names in a directory')
  t.strictSame(files.list(`${at}/none`), [], 'none in a missing one')
  t.equal(files.link(`${at}/link`), 'file', 'where a link points')
  t.equal(files.link(`${at}/file`), undefined, 'a file points nowhere')
  t.equal(files.realPath(`${at}/link`), fs.realpathSync(`${at}/file`), 'links are followed')
  t.equal(files.realPath(`${at}/none`), undefined, 'to what exists')
  const kinds = ['file', 'dir', 'link', 'none'].map(name => files.kind(`${at}/${name}`))
  t.strictSame(kinds, ['file', 'directory', 'link', 'missing'], 'what something is, links not followed')
  t.strictSame([files.size(`${at}/file`), files.size(`${at}/none`)], [4, 0], 'sizes')
  t.equal(files.isExecutable(`${at}/file`), false, 'a file without the right to be run')
  t.equal(files.isExecutable(`${at}/dir`), false, 'a directory is no program')
  fs.chmodSync(`${at}/file`, 0o755)
  t.equal(files.isExecutable(`${at}/file`), true, 'a program')
  const version = files.version(`${at}/file`)
  fs.rmSync(`${at}/file`)
  fs.writeFileSync(`${at}/file`, 'another')
  t.not(files.version(`${at}/file`), version, 'a replaced program has another version')
  t.equal(files.version(`${at}/none`), undefined, 'a missing program has none')
  t.equal(files.openProblem('/dev/null'), undefined, 'a device that opens')
  t.equal(files.openProblem(`${at}/none`), 'ENOENT', 'a device that is missing')
  t.equal(files.isInMemory('/dev/shm'), true, '/dev/shm is in memory')
  t.equal(files.isInMemory('/proc'), false, '/proc is no tmpfs')
  t.equal(files.isInMemory(`${at}/none`), false, 'a missing directory is not in memory')
})

t.test('writing', async t => {
  const at = t.testdir({ link: t.fixture('symlink', 'victim'), full: { x: '' } })
  const mode = (name: string) => fs.statSync(`${at}/${name}`).mode & 0o777
  files.create(`${at}/new`, 'key')
  t.equal(mode('new'), 0o600, 'only root can read a new file')
  t.throws(() => files.create(`${at}/new`, 'x'), { code: 'EEXIST' }, 'an existing file is not overwritten')
  t.throws(() => files.create(`${at}/link`, 'x'), { code: 'EEXIST' }, 'a planted link is not followed')
  t.equal(files.kind(`${at}/victim`), 'missing', 'its target is unchanged')
  files.replace(`${at}/state`, 'one')
  files.replace(`${at}/state`, 'two')
  t.strictSame([files.read(`${at}/state`), mode('state')], ['two', 0o600], 'a file is replaced atomically')
  t.notOk(
    files.list(at).some(name => name.startsWith('state.')),
    'no temporary file is left',
  )
  files.append(`${at}/log`, 'a')
  files.append(`${at}/log`, 'b')
  t.strictSame([files.read(`${at}/log`), mode('log')], ['ab', 0o600], 'text is appended to a log')
  files.remove(`${at}/log`)
  files.remove(`${at}/log`)
  t.equal(files.kind(`${at}/log`), 'missing', 'removing a missing file is no error')
  t.strictSame(
    files.makeDirectory(`${at}/p/q/r`, 0o750),
    ['r', 'q', 'p'].map((_, i) => [`${at}/p/q/r`, `${at}/p/q`, `${at}/p`][i]),
    'the directories that were created, the deepest first',
  )
  t.strictSame(files.makeDirectory(`${at}/p/q/r`, 0o750), [], 'none if it existed')
  t.equal(files.removeDirectory(`${at}/full`), false, 'a directory with files is never removed')
  t.equal(files.removeDirectory(`${at}/p/q/r`), true, 'an empty one is removed')
  t.equal(files.removeDirectory(`${at}/p/q/r`), true, 'a missing one counts as removed')
})

t.test('nameless files', async t => {
  const at = t.testdir()
  const fd = files.openScratch(at)
  t.strictSame(files.list(at), [], 'it has no name from the start')
  fs.writeSync(fd, `${'a'.repeat(70_000)}end`)
  const text = files.readFd(fd, 65_536)
  t.strictSame([text.length, text.slice(-4)], [65_536, 'aend'], 'the last 64 KiB are read')
  files.close(fd)
})

t.test('names of errors', async t => {
  t.equal(errno(Object.assign(new Error('x'), { code: 'ENOSPC' })), 'ENOSPC', 'its errno')
  for (const other of [new Error('x'), 'x', undefined]) t.equal(errno(other), 'EUNKNOWN', `${other} has none`)
})

t.test('core dumps of this process and its children have no memory', async t => {
  const filter = '/proc/self/coredump_filter'
  const before = fs.readFileSync(filter, 'utf8').trim()
  t.teardown(() => fs.writeFileSync(filter, `0x${before}`))
  fs.writeFileSync(filter, '0x33')
  files.leaveNoCore()
  t.match(fs.readFileSync(filter, 'utf8'), /^0+\n/)
  t.match(execFileSync('cat', [filter], { encoding: 'utf8' }), /^0+\n/, 'inherited')
})
