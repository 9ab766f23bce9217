import t from 'tap'
import {
  reservedPath,
  tenantVolumeNames,
  trashedName,
  volumeNames,
} from '../../../src/core/provision/names.js'
import { parseParameters } from '../../../src/core/provision/parameters.js'
import {
  grantedPath,
  tenantAt,
  tenantFor,
  tenantOfPath,
  tenantWith,
} from '../../../src/core/provision/tenant.js'

const UID = '0b8a2c4e-1111-4222-8333-123456789abc'
const PLACE = { fsName: 'cephfs', claimRoot: '/volumes/kubernetes' }
const tenant = tenantFor(UID, PLACE, undefined)
const names = tenantVolumeNames('web', tenant)

t.strictSame(tenantFor(UID, PLACE, undefined), tenant, 'names are deterministic')
t.equal(names.share, `${tenant.directory}/${volumeNames('web', 'directory').share}`)
t.notMatch(JSON.stringify({ ...tenant, ...names }), '-', 'an MDS of release 10.1 can parse it')
t.ok(tenant.directory.length > 63, 'no Kubernetes namespace has this name, with "-" for "_"')
t.match(tenant.user, /^kubernetes_dynamic_user_/, 'the user that the threat model proposes may create it')

for (const other of [
  tenantFor('another', PLACE, undefined),
  tenantFor(UID, { ...PLACE, fsName: 'second' }, undefined),
  tenantFor(UID, { ...PLACE, claimRoot: '/volumes/other' }, undefined),
  tenantFor(UID, PLACE, 'data'),
])
  t.notOk(Object.values(other).some(each => Object.values(tenant).includes(each)))

t.test('all names follow from that of the directory', async t => {
  t.strictSame(tenantAt(names.share), tenant)
  t.strictSame(tenantWith(names.namespace), tenant)
  t.match(tenantOfPath(`/mnt/${names.share}/below`), { ...tenant, path: `/mnt/${tenant.directory}` })
  t.equal(grantedPath(`/volumes/kubernetes/${names.share}`, PLACE), `/volumes/kubernetes/${tenant.directory}`)
  const elsewhere = [
    volumeNames('web', 'directory').share,
    tenant.directory,
    `${names.share}/below`,
    'apps/data',
    `apps/${tenant.directory}`,
    `${tenant.directory}x/web`,
  ]
  for (const share of elsewhere) {
    t.equal(tenantAt(share), undefined, share)
    t.equal(grantedPath(`/volumes/kubernetes/${share}`, PLACE), `/volumes/kubernetes/${share}`)
  }
  t.equal(tenantWith('fsvolumens_apps.data'), undefined)
  t.equal(tenantWith(undefined), undefined)
})

t.test('what only this program uses is out of reach of the user', async t => {
  for (const purpose of ['new', 'trash', 'settings'] as const)
    t.notMatch(reservedPath(purpose, names.share), '/', 'beside the directory of the tenant')
  t.equal(trashedName(reservedPath('trash', names.share)), names.share)
  t.equal(trashedName(reservedPath('trash', 'web')), 'web')
})

t.test('parameters', async t => {
  t.match(parseParameters({}), { userPer: 'volume', backend: 'auto' })
  t.match(parseParameters({ userPer: 'namespace' }), { backend: 'directory' })
  for (const [name, value] of [
    ['backend', 'subvolume'],
    ['deterministicNames', 'true'],
    ['onDelete', 'retain'],
  ] as const)
    t.throws(() => parseParameters({ userPer: 'namespace', [name]: value }), {
      code: 'EBADVOLUME',
      message: new RegExp(`${name}.* not supported with userPer "namespace"`),
    })
  t.throws(() => parseParameters({ userPer: 'claim' }), { code: 'EBADVOLUME' })
})
