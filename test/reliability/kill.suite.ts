// A call for a volume with a client of its own is killed at every point at which it changes something; the next call of
// the kubelet must restore a correct state. If none follows, and then the client dies, `recover` does. kill-shared.suite.ts does that to volumes that share a client.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startCluster } from '../lab/cluster.js'
import { DRIVER, makeNode, NOTHING } from '../lab/node.js'
import { recoverDead } from '../lab/recover-dead.js'
import { isChange, type Point, pointsOf, signalAt } from '../lab/strace.js'
import { recordFigure } from '../records/record-figures.js'
import { IS_FULL } from '../support/is-full.js'
import { base64 } from '../support/volumes.js'

const IS_WHOLE = IS_FULL || process.env['CEPHFLEX_RECORD'] === '1'
/** Which places are tried, where another suite tries them all: each third one. */
const EVERY = IS_WHOLE ? 1 : Number(process.env['CEPHFLEX_EVERY'] ?? 1)
const LEAST_PLACES = Math.floor(35 / EVERY)
t.setTimeout(1_200_000)

t.test('a call that is killed', async t => {
  const cluster = await startCluster(t)
  const options = JSON.stringify({
    monitors: cluster.monitors,
    clientSharing: 'pod',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  })
  const node = makeNode(t, { recovery: true })
  const spawn = { env: node.environment, stdin: 'ignore' } as const
  const mountCommand = (target: string) => [DRIVER, 'mount', target, options]
  const unmountCommand = (target: string) => [DRIVER, 'unmount', target]
  const success = { status: 'Success' }

  const mountWell = async (t: Test, target: string, why: string) => {
    t.strictSame((await node.call('mount', target, options)).reply, success, why)
    t.equal(node.mountsOn(target).length, 1, 'one mount')
    const { files, processes } = node.leftovers()
    t.strictSame(
      files.filter(file => !/\/(state|clients|kept)\//.test(file)),
      [],
      'no lock and no key file, except what is kept for recovery',
    )
    t.equal(
      processes.filter(line => line.includes('ceph-fuse')).length,
      1,
      `one ceph-fuse: ${processes.join('; ')}`,
    )
  }

  const unmountWell = async (t: Test, target: string) => {
    t.strictSame((await node.unmount(target)).reply, success, 'unmount')
    t.strictSame(await node.settled(), NOTHING, 'nothing is left')
  }

  const name = ({ syscall, nth, line }: Point) => `${syscall} ${nth}: ${line.slice(0, 90)}`

  let changes = 0
  const isChosen = (point: Point) => isChange(point) && changes++ % EVERY === 0

  const first = node.target('first')
  // the first call on a node creates its directories and probes for scopes
  t.strictSame((await node.call('mount', first, options)).reply, success)
  t.strictSame((await node.unmount(first)).reply, success)
  const mountPoints = (await pointsOf(mountCommand(first), spawn, node.configFile)).filter(isChosen)
  const unmountPoints = (await pointsOf(unmountCommand(first), spawn, node.configFile)).filter(isChosen)
  t.strictSame(await node.settled(), NOTHING, 'the traced calls left nothing')
  t.comment(`${mountPoints.length} points in mount, ${unmountPoints.length} in unmount`)

  /** After Success there is a mount, otherwise nothing. Before signals are handled, a call ends without a reply. */
  const keepsItsWord = async (t: Test, target: string, output: string | undefined) => {
    const reply =
      output === undefined ? undefined : (JSON.parse(output) as { status: string; message?: string })
    if (reply?.status === 'Success') return t.equal(node.mountsOn(target).length, 1, 'Success is a mount')
    if (reply) t.match(reply.message, /^EINTERRUPTED: /)
    return t.strictSame(await node.settled(), NOTHING, 'its changes are undone')
  }

  let faults = 0
  const places = new Set<string>()
  const kill = async (point: Point, signal: 'KILL' | 'TERM', command: readonly string[]) => {
    const hit = await signalAt(point, signal, command, spawn)
    faults += 1
    // a thread of Node may make one call more or less: this is where the signal really arrived
    if (hit.found) places.add(`${command[1]} ${signal} ${point.syscall} ${point.nth} ${hit.found}`)
    return hit
  }

  await t.test('SIGKILL in mount', async t => {
    for (const point of mountPoints)
      await t.test(name(point), async t => {
        const target = node.target()
        await kill(point, 'KILL', mountCommand(target))
        await mountWell(t, target, 'the next call mounts')
        await unmountWell(t, target)
      })
  })

  await t.test('SIGKILL in mount, then the pod is deleted', async t => {
    for (const point of mountPoints.filter(({ syscall }) => syscall !== 'wait4'))
      await t.test(name(point), async t => {
        const target = node.target()
        await kill(point, 'KILL', mountCommand(target))
        await unmountWell(t, target)
        await sleep(50)
        t.strictSame(node.mountsOn(target), [], 'nothing is mounted later')
      })
  })

  await t.test('SIGKILL in mount, then the client dies', async t => {
    let healed = 0
    for (const point of mountPoints)
      await t.test(name(point), async t => {
        const target = node.target()
        await kill(point, 'KILL', mountCommand(target))
        healed += (await recoverDead(t, cluster, node, [target])).length
        await unmountWell(t, target)
      })
    t.ok(healed > 0, `${healed} times it was mounted and recovered`)
  })

  await t.test('SIGKILL in unmount', async t => {
    for (const point of unmountPoints)
      await t.test(name(point), async t => {
        const target = node.target()
        await mountWell(t, target, 'mount')
        await kill(point, 'KILL', unmountCommand(target))
        await unmountWell(t, target)
      })
  })

  await t.test('SIGTERM in mount', async t => {
    for (const point of mountPoints.filter(({ syscall }) => syscall !== 'wait4'))
      await t.test(name(point), async t => {
        const target = node.target()
        const { output, exitCode } = await kill(point, 'TERM', mountCommand(target))
        await keepsItsWord(t, target, exitCode === 0 ? output : undefined)
        await mountWell(t, target, 'the next call mounts')
        await unmountWell(t, target)
      })
  })

  await t.test('a second mount call on the same directory while the first one works', async t => {
    for (let offset = 0; offset <= 100; offset += 10)
      await t.test(`${offset} ms later`, async t => {
        const target = node.target()
        const one = node.start(['mount', target, options])
        await sleep(offset)
        const two = node.start(['mount', target, options])
        t.strictSame((await node.finish(one)).reply, success)
        t.strictSame((await node.finish(two)).reply, success)
        t.equal(node.mountsOn(target).length, 1, 'one mount')
        await unmountWell(t, target)
      })
  })

  const killed = [...places].filter(place => place.includes(' KILL '))
  t.ok(killed.length >= LEAST_PLACES, `${faults} calls ended, SIGKILL in ${killed.length} different places`)
  recordFigure(t, 'kill', 'calls ended by a signal at a place of their life', faults)
})
