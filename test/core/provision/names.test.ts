import fc from 'fast-check'
import t from 'tap'
import {
  checkVolumeName,
  isClaimVolumeName,
  reservedPath,
  reservedPurpose,
  volumeNames,
} from '../../../src/core/provision/names.js'

const UUID = '0b8a2c4e-1111-4222-8333-123456789abc'
const BELOW = '0b8a2c4e_1111_4222_8333_123456789abc'

t.strictSame(volumeNames(`pvc-${UUID}`, 'directory'), {
  share: `kubernetes_dynamic_pvc_${BELOW}`,
  user: `kubernetes_dynamic_user_${BELOW}`,
  namespace: `fsvolumens_kubernetes_dynamic_pvc_${BELOW}`,
})
t.strictSame(volumeNames('web', 'directory'), volumeNames('web', 'subvolume'), 'names are deterministic')
t.not(volumeNames(UUID, 'directory').share, volumeNames(`pvc-${UUID}`, 'directory').share, 'pvc- matters')

t.test('deterministic names', async t => {
  const claim = { namespace: 'kube-system', name: 'my-data.v1' }
  t.strictSame(volumeNames('pvc-x', 'directory', claim), {
    share: 'kube_system/my_data.v1',
    user: 'k8s.kube_system.my_data.v1',
    namespace: 'fsvolumens_kube_system.my_data.v1',
  })
  t.equal(
    volumeNames('pvc-x', 'subvolume', claim).share,
    'kube_system.my_data.v1',
    'a subvolume has one level',
  )
  for (const [namespace, name] of [
    ['a/b', 'c'],
    ['..', 'c'],
    ['a.b', 'c'],
    ['a', '../x'],
    ['', 'c'],
    ['a', ''],
    ['A', 'c'],
  ])
    t.throws(() => volumeNames('x', 'directory', { namespace: namespace ?? '', name: name ?? '' }), {
      code: 'EBADVOLUME',
    })
  t.throws(() => volumeNames('x', 'directory', { namespace: 'a', name: 'b'.repeat(200) }), {
    code: 'EBADVOLUME',
    message: /128/,
  })
})

for (const name of [
  '',
  '.',
  '..',
  '../x',
  'a/b',
  'A',
  'a_b',
  'a..b',
  '-a',
  'a-',
  'a\n',
  'a b',
  'ä',
  'x'.repeat(254),
])
  t.throws(() => checkVolumeName(name), { code: 'EBADVOLUME' }, JSON.stringify(name))
for (const name of ['a', 'pvc-1', 'a.b', 'x'.repeat(63)]) t.doesNotThrow(() => checkVolumeName(name), name)

t.ok(isClaimVolumeName(`pvc-${UUID}`))
for (const name of [UUID, 'pvc-x', `pvc-${UUID.toUpperCase()}`, `xpvc-${UUID}`])
  t.notOk(isClaimVolumeName(name), name)

t.equal(reservedPath('new', 'ns/x'), 'ns/.cephflex_new_x', 'next to the volume')
t.equal(reservedPurpose('.cephflex_trash_x'), 'trash')
t.equal(reservedPurpose('kubernetes_dynamic_pvc_x'), undefined)

t.test('no two volumes share a name, and no name contains a "-"', async t => {
  const label = fc.stringMatching(/^[a-c]([a-c-]{0,4}[a-c])?$/)
  fc.assert(
    fc.property(label, label, label, label, (a, b, c, d) => {
      const [x, y] = [
        { namespace: a, name: b },
        { namespace: c, name: d },
      ].map(claim => volumeNames('x', 'subvolume', claim))
      const isSame = a === c && b === d
      return (
        (x?.share === y?.share) === isSame &&
        (x?.user === y?.user) === isSame &&
        !JSON.stringify(x).includes('-')
      )
    }),
  )
  t.pass()
})
