import t from 'tap'
import { buildCaps } from '../../../src/core/provision/caps/caps.js'
import { ownsUser } from '../../../src/core/provision/caps/owns-user.js'
import { directoryUserProblem, userProblem } from '../../../src/core/provision/proof.js'

const CLUSTER = { fsName: 'cephfs', dataPools: ['data'], claimRoot: '/volumes/kubernetes' }
const path = `${CLUSTER.claimRoot}/kubernetes_dynamic_pvc_1`
const VOLUME = { user: 'web', path, pool: 'data', namespace: 'ns' }
const CAPS = {
  mds: `allow rw fsname=cephfs path="${path}"`,
  osd: 'allow rw pool=data namespace=ns',
  mon: 'allow r fsname=cephfs',
}
const caps = (mds: string) => ({ ...CAPS, mds })

/** Caps with which the key would give more than the directory, or another one. */
const WIDER = {
  'the directory above': `allow rw fsname=cephfs path="${CLUSTER.claimRoot}"`,
  'another volume': `allow rw fsname=cephfs path="${path}2"`,
  'a directory inside': `allow rw fsname=cephfs path="${path}/inside"`,
  'a second directory': `allow rw fsname=cephfs path="${path}", allow rw fsname=cephfs path="/other"`,
  'a way out of it': `allow rw fsname=cephfs path="${path}/../other"`,
  everything: 'allow rw fsname=cephfs',
  'all rights': 'allow *',
  'another file system': `allow rw fsname=other path="${path}"`,
}

t.test('the caps of a user must name exactly the directory of the volume', async t => {
  t.equal(userProblem(VOLUME, CAPS, CLUSTER), undefined)
  t.equal(directoryUserProblem(VOLUME, CAPS, CLUSTER), undefined)
  for (const [title, mds] of Object.entries(WIDER)) {
    t.match(userProblem(VOLUME, caps(mds), CLUSTER), /client\.web is not dedicated to/, title)
    t.match(directoryUserProblem(VOLUME, caps(mds), CLUSTER), /client\.web is not dedicated to/, title)
  }
  t.match(userProblem(VOLUME, undefined, CLUSTER), 'client.web does not exist')
})

t.test('and exactly its data', async t => {
  const data = [
    'allow rw pool=data',
    'allow rw pool=other namespace=ns',
    'allow rw pool=data namespace=nsx',
    'allow *',
  ]
  for (const osd of data)
    t.match(userProblem(VOLUME, { ...CAPS, osd }, CLUSTER), /not limited to the data of the directory/, osd)
  t.match(
    directoryUserProblem(VOLUME, { ...CAPS, osd: 'allow *' }, CLUSTER),
    /not limited to the data of the file/,
  )
})

t.test('a user is deleted only if its caps are those that were made for the volume', async t => {
  const made = buildCaps({ path, pool: 'data', namespace: 'ns', readOnly: false, fsName: 'cephfs' })
  t.equal(ownsUser(made, path, 'ns', CLUSTER), true)
  for (const title of ['the directory above', 'another volume', 'a way out of it', 'everything'] as const)
    t.equal(ownsUser({ ...made, mds: WIDER[title] }, path, 'ns', CLUSTER), false, title)
  t.equal(ownsUser(made, path, 'other', CLUSTER), false, 'another namespace')
})
