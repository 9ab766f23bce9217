import t from 'tap'
import { parseDeleteCall, parseProvisionCall } from '../../../src/core/provision/call.js'
import { PARAMETERS, parseParameters } from '../../../src/core/provision/parameters.js'

const PV = 'pvc-0b8a2c4e-1111-4222-8333-123456789abc'
const SIZE = { requestBytes: '1073741825', requestMiB: '1025', requestGiB: '2' }
const call = (changes: object = {}) => [
  JSON.stringify({ 'kubernetes.io/pvOrVolumeName': PV, ...SIZE, ...changes }),
]

t.match(parseProvisionCall(call({ cluster: 'main', ONDELETE: 'archive' })), {
  pv: PV,
  sizeBytes: 1073741825n,
  parameters: { cluster: 'main', onDelete: 'archive', claimRoot: '/volumes/kubernetes' },
})

t.test('a StorageClass sets neither name nor size', async t => {
  t.throws(() => parseProvisionCall(call({ 'kubernetes.io/pvOrVolumeName': 'web' })), {
    code: 'EBADVOLUME',
    message: /StorageClass/,
  })
  for (const size of [{ requestBytes: '99' }, { requestMiB: '1' }, { requestGiB: '1' }])
    t.throws(() => parseProvisionCall(call(size)), { code: 'EBADVOLUME', message: /must not set the size/ })
  t.throws(() => parseProvisionCall(call({ deterministicNames: 'true' })), { code: 'EBADVOLUME' })
  t.throws(() => parseProvisionCall(call({ 'kubernetes.io/other': 'x' })), { code: 'EBADVOLUME' })
})

t.test('broken calls', async t => {
  for (const args of [
    [],
    ['{}', '{}'],
    ['x'],
    ['[]'],
    ['null'],
    ['{}'],
    call({ requestBytes: '1Gi' }),
    call({ requestBytes: 5 }),
    call({ 'kubernetes.io/pvOrVolumeName': 7 }),
  ])
    t.throws(() => parseProvisionCall(args), { code: 'EBADREQUEST' }, String(args))
  for (const name of ['../x', 'a/b', '', 'A'])
    t.throws(() => parseDeleteCall(call({ 'kubernetes.io/pvOrVolumeName': name })), { code: 'EBADVOLUME' })
})

t.match(
  parseDeleteCall([
    JSON.stringify({ 'kubernetes.io/pvOrVolumeName': PV, path: '/etc', user: 'admin', monitors: '10.0.0.1' }),
  ]),
  { pv: PV, parameters: { monitors: [{ host: '10.0.0.1' }] } },
  'options for mounting are left out',
)

t.test('parameters', async t => {
  t.match(parseParameters({}), {
    adminId: 'admin',
    claimRoot: '/volumes/kubernetes',
    mode: 0o777,
    backend: 'auto',
    onDelete: 'delete',
    deterministicNames: false,
  })
  t.match(
    parseParameters({ CLAIMROOT: '/v/', adminid: 'client.x', mode: '750' }),
    { claimRoot: '/v', adminId: 'x', mode: 0o750 },
    'names are case-insensitive',
  )
  t.throws(() => parseParameters({ claimroot: '/a', claimRoot: '/a' }), { message: /twice/ })
  t.throws(() => parseParameters({ monitor: 'a', pool: 'a b', mode: '9', onDelete: 'no' }), {
    code: 'EBADVOLUME',
    message:
      /"monitor" is not a known parameter: did you mean "monitors".*; pool must.*; mode must.*; onDelete must/,
  })
  for (const claimRoot of ['/', 'x', '/a/../b', '/a b', '/a"b', '/ä'])
    t.throws(() => parseParameters({ claimRoot }), { code: 'EBADVOLUME' }, claimRoot)
  for (const [name, { means }] of Object.entries(PARAMETERS)) t.ok(means.length > 10, name)
})
