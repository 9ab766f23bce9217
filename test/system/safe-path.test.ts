import * as fs from 'node:fs'
import t from 'tap'
import { unsafeComponent } from '../../src/system/safe-path.js'
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
