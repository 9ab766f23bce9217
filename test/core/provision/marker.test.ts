import t from 'tap'
import { parseMarker, writeMarker } from '../../../src/core/provision/marker.js'

const MARK = {
  version: 1,
  pv: 'pvc-1',
  user: 'web',
  backend: 'directory',
  namespace: 'ns',
  pool: 'data',
  readOnly: false,
  createdAt: '2026-01-01T00:00:00.000Z',
} as const
const parse = (changes: object) => parseMarker(JSON.stringify({ ...MARK, ...changes }))

t.strictSame(parseMarker(writeMarker(MARK)), MARK)
t.strictSame(parse({ kept: 'archive', from: { pv: 'a', share: 'b/c' } })?.kept, 'archive')

t.test('a pod may write anything: what is not a mark is none', async t => {
  for (const text of [
    undefined,
    '',
    'null',
    '[]',
    '"x"',
    '{',
    '{"version":1}',
    JSON.stringify(MARK).slice(0, -2),
  ])
    t.equal(parseMarker(text), undefined, `${text}`)
  const wrong = [
    { version: 2 },
    { pv: '../other' },
    { pv: 7 },
    { user: 'web"; allow *' },
    { user: undefined },
    { backend: 'other' },
    { namespace: 'a\nb' },
    { pool: ['data'] },
    { readOnly: 'no' },
    { createdAt: 1 },
    { imported: 'yes' },
    { kept: 'for ever' },
    { from: { pv: 'a', share: '../b' } },
    { from: 'a' },
    { to: {} },
  ]
  for (const changes of wrong) t.equal(parse(changes), undefined, JSON.stringify(changes))
})
