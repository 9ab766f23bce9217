import t from 'tap'
import { examine } from '../../../src/ops/doctor/doctor.js'
import { fakeSystem } from '../../support/fake-system.js'

/** A node on which listing processes fails like this. */
const examined = async (error: Error) => {
  const { system, events } = fakeSystem()
  const allPids = () => {
    throw error
  }
  const processes = { ...system.processes, allPids }
  const results = await examine({ ...system, processes }, { program: '/usr/bin/cephflex' })
  return { orphans: results.find(({ id }) => id === 'orphans'), events }
}

t.test('a fact that this process may not look at is no warning', async t => {
  const { orphans } = await examined(Object.assign(new Error('EACCES: /proc'), { code: 'EACCES' }))
  t.strictSame(orphans, {
    id: 'orphans',
    status: 'skip',
    message: 'unknown: this process may not look (EACCES): run doctor on the node',
  })
})

t.test('the log that an unexpected error names has its stack', async t => {
  const { orphans, events } = await examined(new TypeError('x of undefined'))
  t.match(orphans, { status: 'warn', message: 'unknown: unexpected error', fix: /cephflex logs/ })
  const logged = events.find(({ fields }) => fields['fact'] === 'orphans')
  t.match(logged, { event: 'unknown', fields: { stack: /x of undefined\n +at .*doctor\.test/ } })
})
