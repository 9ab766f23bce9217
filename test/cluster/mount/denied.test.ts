import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { base64 } from '../../support/volumes.js'

const GOOD = { mds: 'allow rw', mon: 'allow r', osd: 'allow rw' }
const ELSEWHERE = 'network 10.255.255.0/24'
const NOT_READ = /^EDENIED: the key of client\.\w+ is right, but its mon caps do not allow this node to read;/
const NOT_ROOT =
  /^EDENIED: the key of client\.\w+ is right, but its mds caps refuse root of this node: .*uid=/

/** Caps that do not fit, and the message. */
const DENIED: Readonly<Record<string, [caps: Partial<typeof GOOD>, message: RegExp]>> = {
  uid: [{ ...GOOD, mds: 'allow rw uid=1000 gids=1000' }, NOT_ROOT],
  pathuid: [{ ...GOOD, mds: 'allow rw path="/" uid=1000' }, NOT_ROOT],
  mdsnet: [{ ...GOOD, mds: `allow rw ${ELSEWHERE}` }, NOT_ROOT],
  monnet: [{ ...GOOD, mon: `allow r ${ELSEWHERE}` }, NOT_READ],
  moncommand: [{ ...GOOD, mon: 'allow command "status"' }, NOT_READ],
  monfs: [
    { ...GOOD, mon: 'allow r fsname=second' },
    /^EDENIED: .* its mon caps hide the default file system .* has no fsName;.* Hint: set the option fsName/,
  ],
  mdsfs: [
    { ...GOOD, mds: 'allow rw fsname=second' },
    /^EDENIED: .* its mds caps do not name the file system cephfs;.* Hint: set the option fsName/,
  ],
  nomon: [
    { mds: GOOD.mds, osd: GOOD.osd },
    /^EREFUSED: .* a user without mon caps \("allow r"\) is refused in the same way/,
  ],
}

t.test('a right key whose caps do not fit is not called wrong', async t => {
  const cluster = await startCluster(t, { secondFs: true })
  const node = makeNode(t)
  const volumeOf = async (user: string, caps: Partial<typeof GOOD>) => ({
    monitors: cluster.monitors,
    user,
    timeoutSeconds: '10',
    'kubernetes.io/secret/key': base64(await cluster.addUser(user, caps)),
  })
  for (const [user, [caps, message]] of Object.entries(DENIED))
    await t.test(`${user}: ${JSON.stringify(caps)}`, async t => {
      const { reply, ms } = await node.mount(node.target(), await volumeOf(user, caps))
      t.match(reply.message, message)
      t.ok(ms < 20_000, `in time: ${Math.round(ms)} ms`)
      t.strictSame(await node.settled(), NOTHING)
    })
  await t.test('with the file system that the caps name, it mounts', async t => {
    const target = node.target()
    const volume = { ...(await volumeOf('monfs', DENIED['monfs']?.[0] ?? {})), fsName: 'second' }
    t.strictSame((await node.mount(target, volume)).reply, { status: 'Success' })
    t.strictSame((await node.unmount(target)).reply, { status: 'Success' })
  })
})
