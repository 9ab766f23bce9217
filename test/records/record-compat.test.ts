import { readFileSync } from 'node:fs'
import t from 'tap'
import type { CompatRow } from './compat.js'
import { compatResults, recordCompat, recordTest, thisArch } from './record-compat.js'

const row: CompatRow = {
  area: 'ceph',
  subject: 'ceph-fuse',
  version: '16.2.15',
  arch: thisArch(),
  cases: { passed: 3, failed: 0 },
}

t.test('rows are kept by suite, with the date', async t => {
  const directory = t.testdir({ 'one.json': '{"date":"2020-01-01","rows":[]}\n', 'notes.txt': '' })
  const options = { directory, record: true }
  recordCompat('one', row, options)
  recordCompat('one', { ...row, version: '18.2.7' }, options)
  recordCompat('two', row, options)
  const [one, two] = compatResults(directory)
  t.match(one, { date: new Date().toISOString().slice(0, 10), rows: [row, { version: '18.2.7' }] })
  t.strictSame(two?.rows, [row])
})

t.test('without CEPHFLEX_RECORD nothing is recorded', async t => {
  const directory = t.testdir({ 'one.json': '{"date":"2020-01-01","rows":[]}' })
  recordCompat('one', row, { directory, record: false })
  t.equal(readFileSync(`${directory}/one.json`, 'utf8'), '{"date":"2020-01-01","rows":[]}')
})

t.test('a row that the table cannot show is refused', async t => {
  const directory = t.testdir()
  t.throws(() => recordCompat('one', { ...row, version: '' }, { directory, record: true }))
  t.strictSame(compatResults(directory), [])
})

t.test('a test counts its assertions', async t => {
  const directory = t.testdir()
  await t.test('with two subtests', async t => {
    recordTest(t, 'counted', row, { directory, record: true })
    await t.test('one of three assertions', async t => {
      for (const rule of ['one', 'two', 'three']) t.pass(rule)
    })
    t.pass('and an assertion of its own')
  })
  t.match(compatResults(directory), [{ rows: [{ subject: 'ceph-fuse', cases: { passed: 4, failed: 0 } }] }])
})
