import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import t from 'tap'
import { makeNode, NOTHING } from '../../lab/node.js'
import { sharingScene } from '../../lab/sharing.js'
import { signal } from '../../lab/signal.js'
import { cephflex } from '../../support/cli.js'

const SUCCESS = { status: 'Success' }

t.test('a directory that the MDS holds back for a client that died', async t => {
  const { cluster, node, admin, clients, pods } = await sharingScene(t, { recovery: true })
  // another node knows nothing of that client
  const other = makeNode(t)
  // the shortest that Ceph accepts
  await execa('ceph', ['fs', 'set', 'cephfs', 'session_timeout', '30'], { env: { CEPH_CONF: cluster.conf } })
  await cluster.mkdir('/vol')
  const [lost = '', next = ''] = [...pods(1), other.target()]
  // shorter than the MDS waits
  const volume = { ...admin, path: '/vol', timeoutSeconds: '20' }
  t.strictSame((await node.mount(lost, volume)).reply, SUCCESS)
  // the only client of a directory that it changes gets all rights to it
  for (let i = 0; i < 20; i += 1) {
    mkdirSync(`${lost}/${i}`)
    chmodSync(lost, i % 2 ? 0o755 : 0o750)
  }
  await sleep(7_000)
  chmodSync(lost, 0o755)
  writeFileSync(`${lost}/kept`, 'kept')
  const [pid = 0] = await clients()
  t.ok(pid > 1)
  signal(pid, 'SIGKILL')

  const { reply, ms } = await other.mount(next, volume)
  t.match(reply.message, /^EHELD: the cluster answers, but the MDS holds \/vol back .*session evict/)
  t.notMatch(reply.message, /kernel/, 'no other client is tried: it would wait as well')
  t.ok(ms < 25_000, 'in time')
  const report = await cephflex(['recover', '--json'], { env: { ...node.environment } })
  t.match(
    JSON.parse(report.out),
    [{ target: lost, outcome: 'recovered' }],
    'recover does not wait for the MDS: it ends the session, as the same user',
  )
  t.match(node.log(), /"event":"end session".*"exitCode":0/)
  const env = { CEPH_CONF: cluster.conf }
  const { stdout } = await execa('ceph', ['tell', 'mds.0', 'session', 'ls', '--format', 'json'], { env })
  const programs = (JSON.parse(stdout) as { client_metadata: { mount_point?: string } }[]).map(
    ({ client_metadata }) => client_metadata.mount_point,
  )
  t.ok(programs.length > 0 && !programs.includes(undefined), 'what ended it has left no session of its own')
  t.strictSame((await other.mount(next, volume)).reply, SUCCESS, 'and other nodes need not wait any more')
  t.strictSame((await node.unmount(lost)).reply, SUCCESS)
  t.strictSame((await other.unmount(next)).reply, SUCCESS)
  for (const each of [node, other]) t.strictSame(await each.settled(), NOTHING)
})
