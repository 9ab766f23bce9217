import t from 'tap'
import { cephflex } from '../../support/cli.js'

t.test('explain', async t => {
  const explained = await cephflex(['explain', '-'], {
    input: 'ceph mount failed with (1) Operation not permitted',
  })
  t.match(explained, { code: 0, out: /^EDENIED: [\s\S]*check: ceph auth get[\s\S]*fix: / })
  t.match(JSON.parse((await cephflex(['explain', '--json', '110'])).out), [{ because: /ETIMEDOUT/ }])
  t.match(await cephflex(['explain', 'hello']), {
    code: 1,
    err: /there is no explanation for this text/,
  })
})
