import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import t from 'tap'
import { holdDirectory, unsafeComponent } from '../../src/system/safe-path.js'
import { needsRoot } from '../support/needs.js'

t.test('which part of a path is unsafe', { skip: needsRoot }, async t => {
  const at = fs.realpathSync(t.testdir({ pods: { u: { volumes: { p: {} } } }, real: {}, file: '' }))
  const names = ['u', 'volumes', 'p']
  for (const name of ['pods', 'pods/u', 'pods/u/volumes', 'pods/u/volumes/p'])
    fs.chmodSync(`${at}/${name}`, 0o750)

  t.equal(unsafeComponent(`${at}/pods`, names), undefined, 'as the kubelet makes them')
  t.equal(unsafeComponent(`${at}/pods`, ['u', 'none', 'p']), undefined, 'what is not there is no danger')
  fs.symlinkSync(`${at}/pods`, `${at}/link`)
  t.equal(unsafeComponent(`${at}/link`, names), undefined, 'the base itself may be a link')

  for (const name of names) {
    const path = `${at}/pods/${names.slice(0, names.indexOf(name) + 1).join('/')}`
    fs.renameSync(path, `${at}/moved`)
    fs.symlinkSync(`${at}/moved`, path)
    t.match(unsafeComponent(`${at}/pods`, names), `${path.slice(0, -name.length - 1)}`, `${name}: a link`)
    t.match(unsafeComponent(`${at}/pods`, names), 'is a symbolic link', `${name}: reported`)
    fs.unlinkSync(path)
    fs.writeFileSync(path, '')
    t.match(unsafeComponent(`${at}/pods`, names), 'not a directory', `${name}: a file`)
    fs.unlinkSync(path)
    fs.renameSync(`${at}/moved`, path)
    for (const mode of [0o770, 0o757]) {
      fs.chmodSync(path, mode)
      t.equal(unsafeComponent(`${at}/pods`, names), `${path} is writable by users other than root`)
    }
    fs.chmodSync(path, 0o750)
    fs.chownSync(path, 65_534, 65_534)
    t.equal(unsafeComponent(`${at}/pods`, names), `${path} belongs to user 65534`)
    fs.chownSync(path, 0, 0)
  }
  const open = fs.readdirSync('/proc/self/fd').length
  for (let i = 0; i < 50; i += 1) unsafeComponent(`${at}/pods`, [...names, 'none'])
  t.equal(fs.readdirSync('/proc/self/fd').length, open, 'no file stays open')
})

t.test('a held directory', async t => {
  const at = fs.realpathSync(t.testdir({ pods: { u: { data: {} } }, elsewhere: { data: {} } }))
  const held = holdDirectory(`${at}/pods/u/data`)
  t.teardown(() => held?.close())
  fs.renameSync(`${at}/pods/u`, `${at}/pods/u.real`)
  fs.symlinkSync(`${at}/elsewhere`, `${at}/pods/u`)
  t.equal(held?.place(), `${at}/pods/u.real/data`, 'its path now')
  // a child sees it by the same path
  execFileSync('touch', [`${held?.path}/file`])
  t.strictSame(fs.readdirSync(`${at}/pods/u.real/data`), ['file'], 'it is reached where it is')
  t.strictSame(fs.readdirSync(`${at}/elsewhere/data`), [], 'not where its path leads')
  t.equal(holdDirectory(`${at}/pods/u/data`), undefined, 'a path with a link is refused')
  t.throws(() => holdDirectory(`${at}/pods/u`), { code: 'ENOTDIR' }, 'and so is a link itself')
  t.throws(() => holdDirectory(`${at}/pods/none`), { code: 'ENOENT' })
})
