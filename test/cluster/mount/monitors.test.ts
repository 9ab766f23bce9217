import { once } from 'node:events'
import http from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { execa } from 'execa'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { DRIVER, makeNode, NOTHING } from '../../lab/node.js'
import { asItIs } from '../../support/coverage.js'
import { base64, KEY } from '../../support/volumes.js'

t.test('monitors as people have them', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const admin = { mounter: 'fuse', 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  const v1 = cluster.monitors.replace('v1:', '')
  const v2 = cluster.monitorsV2.replace('v2:', '')
  const [host = '', port1 = ''] = v1.split(':')
  const [, port2 = ''] = v2.split(':')
  const stranger = createServer(socket => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.2\r\n'))
  stranger.listen(0, host)
  await once(stranger, 'listening')
  t.teardown(() => stranger.close())
  const other = (stranger.address() as AddressInfo).port
  const web = http.createServer()
  web.listen(0, host)
  await once(web, 'listening')
  t.teardown(() => web.close())
  const webPort = (web.address() as AddressInfo).port

  const mounts: Readonly<Record<string, string>> = {
    'a port that uses v2, without a prefix': v2,
    'one of each, one of them dead': `${host}:1,${v2},${v1}`,
    'as in the ConfigMap of Rook, IPv4 as IPv6': `a=[::ffff:${host}]:${port2},b=[${host}]:${port1}`,
    'a list in JSON': JSON.stringify([`V2:${v2}/0`]),
    'a line of a ceph.conf': `mon_host = [v2:${v2}/0,v1:${v1}/0]\n`,
  }
  for (const [title, monitors] of Object.entries(mounts))
    await t.test(title, async t => {
      const target = node.target()
      t.strictSame((await node.mount(target, { ...admin, monitors })).reply, { status: 'Success' }, monitors)
      t.equal(node.mountsOn(target).length, 1)
      t.strictSame((await node.unmount(target)).reply, { status: 'Success' })
    })

  const failures: [title: string, options: Record<string, string>, message: RegExp][] = [
    [
      'v1: at a port that uses v2',
      { monitors: `v1:${v2}` },
      new RegExp(`^ENOANSWER: .*:${port2} uses v2, not v1`),
    ],
    [
      'v2: at a port that uses v1',
      { monitors: `v2:${v1}` },
      new RegExp(`^ENOANSWER: .*:${port1} uses v1, not v2`),
    ],
    ['how it is right', { monitors: `v1:${v2}` }, new RegExp(`Hint: use v2:${v2} in the option monitors`)],
    [
      'a port that is no monitor',
      { monitors: `${host}:${other}` },
      new RegExp(
        `^ENOANSWER: .*:${other} is not a monitor.* Hint: compare the option monitors with "ceph mon dump"`,
      ),
    ],
    [
      'a web server, which waits for its client',
      { monitors: `v2:${host}:${webPort}` },
      new RegExp(`^ENOANSWER: .*:${webPort} is not a monitor`),
    ],
    [
      'a wrong key at a port that uses v2',
      { monitors: v2, 'kubernetes.io/secret/key': base64(KEY) },
      /^EREFUSED: /,
    ],
    ['no monitor', { monitors: '6789' }, /^EBADOPTIONS: .*"6789" is not a host name or address/],
  ]
  for (const [title, options, message] of failures)
    await t.test(title, async t => {
      const { reply } = await node.mount(node.target(), { ...admin, timeoutSeconds: '6', ...options })
      t.match(reply.message, message)
      t.strictSame(await node.settled(), NOTHING)
    })

  await t.test('provisioning at a port that uses v2', async t => {
    const access = ['--monitors', v2, '--keyring', cluster.adminKeyring]
    const list = await execa(...asItIs(DRIVER, ['volume', 'list', ...access]), {
      env: node.environment,
      reject: false,
    })
    t.equal(list.exitCode, 0, list.stderr)
  })
})
