// What mount-test says of caps that let a user mount, and forbid what a pod then does.
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { cephflex } from '../../support/cli.js'

t.test('caps that forbid what a pod does', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  await cluster.mkdir('/web')
  const says = async (user: string, caps: { mds: string; osd: string }, expected: RegExp) => {
    const key = await cluster.addUser(user, { mon: 'allow r', ...caps })
    writeFileSync(`${node.dir}/${user}`, key)
    const args = ['--monitors', cluster.monitors, '--user', user, '--path', '/web', '--mounter', 'fuse']
    const run = await cephflex(['mount-test', ...args, '--key-file', `${node.dir}/${user}`, '--size', '1'], {
      env: node.environment,
    })
    t.equal(run.code, 1, user)
    t.match(run.out, expected)
  }
  const writing = (user: string) =>
    new RegExp(
      `^FAIL .*write and fsync +EDENIED: the osd caps of client.${user} do not allow writing to the pool \\S*data\\S*:.*ceph auth get client.${user}.*Operation not permitted`,
      'm',
    )
  await says('reader', { mds: 'allow rw', osd: 'allow r' }, writing('reader'))
  await says('elsewhere', { mds: 'allow rw', osd: 'allow rw pool=other' }, writing('elsewhere'))
  await says(
    'blind',
    { mds: 'allow rw', osd: 'allow w' },
    /^FAIL .*read from the cluster +EDENIED: the osd caps of client.blind do not allow reading from the pool/m,
  )
  const notMds = (user: string) =>
    new RegExp(
      `^FAIL .*mkdir +EDENIED: the mds caps of client.${user} do not allow writing in /web: .*Permission denied`,
      'm',
    )
  await says('mdsreader', { mds: 'allow r path=/web', osd: 'allow rw' }, notMds('mdsreader'))
  await says('squashed', { mds: 'allow rw path=/web root_squash', osd: 'allow rw' }, notMds('squashed'))
  t.strictSame(node.leftovers(), NOTHING)
})
