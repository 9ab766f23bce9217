// A call for a volume that pods share is killed at every point at which it changes something. The next call restores a
// correct state, and a pod that uses the volume notices nothing. If no call follows, because the kubelet found the target
// mounted, and then the client dies, `recover` mounts the volume again.
import t, { type Test } from 'tap'
import { DRIVER, type Leftovers, NOTHING } from '../lab/node.js'
import { podAtWork } from '../lab/pod-at-work.js'
import { recoverDead } from '../lab/recover-dead.js'
import { sharingScene } from '../lab/sharing.js'
import { isChange, type Point, pointsOf, signalAt } from '../lab/strace.js'
import { recordFigure } from '../records/record-figures.js'

const LEAST_PLACES = 60
const SUCCESS = { status: 'Success' }
t.setTimeout(1_200_000)

t.test('a call for a shared volume that is killed', async t => {
  const { cluster, node, admin, clients, places, pods } = await sharingScene(t, { recovery: true })
  const [first = '', second = ''] = pods(2)
  const spawn = { env: node.environment, stdin: 'ignore' } as const
  const mountCommand = (target: string) => [DRIVER, 'mount', target, JSON.stringify(admin)]
  const unmountCommand = (target: string) => [DRIVER, 'unmount', target]

  let faults = 0
  const placesOfKills = new Set<string>()
  const kill = async (point: Point, signal: 'KILL' | 'TERM', command: readonly string[]) => {
    const { found } = await signalAt(point, signal, command, spawn)
    faults += 1
    if (found && signal === 'KILL') placesOfKills.add(`${command[1]} ${point.syscall} ${point.nth} ${found}`)
  }
  const changesOf = async (command: readonly string[]) =>
    (await pointsOf(command, spawn, node.configFile)).filter(isChange)

  const mountWell = async (t: Test, target: string) => {
    t.strictSame((await node.mount(target, admin)).reply, SUCCESS, 'mount')
    t.equal(node.mountsOn(target).length, 1, 'one mount')
    t.equal((await clients()).length, 1, 'no second client')
    const keys = node.leftovers().files.filter(file => /keyrings|shm/.test(file) && !file.includes('/kept/'))
    t.strictSame(keys, [], 'no key file, except what is kept for recovery')
  }
  const unmountWell = async (t: Test, target: string) => {
    t.strictSame((await node.unmount(target)).reply, SUCCESS, 'unmount')
    t.strictSame(node.mountsOn(target), [])
  }
  /** The lock of the client stays after a killed call until a call needs it. The end of each part has none. */
  const withoutLocks = ({ files, ...others }: Leftovers): Leftovers => ({
    ...others,
    files: files.filter(file => !file.includes('/locks/')).sort(),
  })
  const isClean = async (t: Test) =>
    t.strictSame(withoutLocks(await node.settled()), NOTHING, 'nothing is left')
  const endsClean = async (t: Test) => {
    await mountWell(t, first)
    await unmountWell(t, first)
    t.strictSame(await node.settled(), NOTHING, 'nothing is left at the end, nor a lock')
  }

  /** For what differs little from another part: every second point, to save time. */
  const half = (points: readonly Point[]) => points.filter((_, i) => i % 2 === 0)

  type Part = {
    what: string
    points: readonly Point[]
    command: readonly string[]
    signal?: 'TERM'
    before?: (t: Test) => Promise<void>
    after: (t: Test) => Promise<void>
  }
  const atEachPoint = async (t: Test, { what, points, command, signal, before, after }: Part) => {
    for (const point of points)
      await t.test(`${what}: ${point.syscall} ${point.nth}: ${point.line.slice(0, 90)}`, async t => {
        await before?.(t)
        await kill(point, signal ?? 'KILL', command)
        await after(t)
      })
  }

  // the first call on a node creates its directories and probes for scopes
  await mountWell(t, first)
  await unmountWell(t, first)
  const firstMount = await changesOf(mountCommand(first))
  const secondMount = await changesOf(mountCommand(second))
  const secondUnmount = await changesOf(unmountCommand(second))
  const lastUnmount = await changesOf(unmountCommand(first))
  t.strictSame(await node.settled(), NOTHING, 'the traced calls left nothing')
  const counts = [firstMount, secondMount, secondUnmount, lastUnmount].map(({ length }) => length)
  t.comment(`points in the first mount, the second, its unmount, and the last one: ${counts.join(', ')}`)

  await t.test('while another pod uses the volume', async t => {
    await mountWell(t, first)
    const [place = ''] = places()
    const settled = async () => withoutLocks(await node.settled(undefined, [place]))
    const pod = await podAtWork(first)
    const alone = await settled()
    const isAlone = async (t: Test) => {
      t.strictSame(await settled(), alone, 'only the first pod is left')
      t.strictSame(pod.failures.splice(0), [], 'which was never disturbed')
    }
    const deleted = async (t: Test) => {
      await unmountWell(t, second)
      await isAlone(t)
    }
    const again = async (t: Test) => {
      await mountWell(t, second)
      await deleted(t)
    }
    const mount = { points: secondMount, command: mountCommand(second) }
    const unmount = { points: secondUnmount, command: unmountCommand(second) }
    await atEachPoint(t, { ...mount, what: 'SIGKILL in mount', after: again })
    await atEachPoint(t, { ...mount, what: 'SIGKILL in mount, then the pod is deleted', after: deleted })
    await atEachPoint(t, {
      ...mount,
      points: half(mount.points),
      what: 'SIGTERM in mount',
      signal: 'TERM',
      after: again,
    })
    await atEachPoint(t, {
      ...unmount,
      what: 'SIGKILL in unmount',
      before: t => mountWell(t, second),
      after: deleted,
    })
    t.ok(pod.rounds() > faults, `the first pod has written and read ${pod.rounds()} times`)
    await pod.end()
    await unmountWell(t, first)
    t.strictSame(await node.settled(), NOTHING, 'nothing is left')
  })

  await t.test('the first mount and the last unmount', async t => {
    const again = async (t: Test) => {
      await mountWell(t, first)
      await deleted(t)
    }
    const deleted = async (t: Test) => {
      await unmountWell(t, first)
      await isClean(t)
    }
    const mount = { points: firstMount, command: mountCommand(first) }
    const unmount = { points: lastUnmount, command: unmountCommand(first) }
    await atEachPoint(t, { ...mount, what: 'SIGKILL in mount', after: again })
    await endsClean(t)
    await atEachPoint(t, { ...mount, what: 'SIGKILL in mount, then the pod is deleted', after: deleted })
    await endsClean(t)
    await atEachPoint(t, {
      ...mount,
      points: half(mount.points),
      what: 'SIGTERM in mount',
      signal: 'TERM',
      after: again,
    })
    await atEachPoint(t, {
      ...unmount,
      what: 'SIGKILL in unmount',
      before: t => mountWell(t, first),
      after: deleted,
    })
    await endsClean(t)
    let healed = 0
    await atEachPoint(t, {
      ...mount,
      what: 'SIGKILL in mount, then the client dies',
      after: async t => {
        healed += (await recoverDead(t, cluster, node, [first])).length
        await deleted(t)
      },
    })
    t.ok(healed > 0, `${healed} times it was mounted and recovered`)
    await endsClean(t)
    const both: string[][] = []
    await atEachPoint(t, {
      points: half(secondMount),
      command: mountCommand(second),
      what: 'SIGKILL in the mount of a second pod, then the client dies',
      before: t => mountWell(t, first),
      after: async t => {
        both.push(await recoverDead(t, cluster, node, [first, second]))
        await unmountWell(t, second)
        await deleted(t)
      },
    })
    t.ok(
      both.every(([target]) => target === first),
      'the first pod always has its volume again',
    )
    t.ok(
      both.some(({ length }) => length === 2),
      'and so has the second, if it was mounted',
    )
    await endsClean(t)
  })

  t.ok(placesOfKills.size >= LEAST_PLACES, `${faults} calls ended, SIGKILL in ${placesOfKills.size} places`)
  recordFigure(
    t,
    'kill-shared',
    'calls for a shared volume ended by a signal at a place of their life',
    faults,
  )
})
