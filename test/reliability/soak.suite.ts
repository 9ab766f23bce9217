// Many mounts at once, many in a row, and many held: nothing fails and nothing is left.
// `npm run test:soak` runs all of them; without CEPHFLEX_SOAK=full there are fewer.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { streams } from '../../src/cli/terminal/command-io.js'
import { startProgress } from '../../src/cli/terminal/progress.js'
import { mountedOn, parseMountInfo } from '../../src/core/target/mount-table.js'
import { startCluster } from '../lab/cluster.js'
import { type Call, makeNode, NOTHING } from '../lab/node.js'
import { racePods } from '../lab/race.js'
import { recordFigure } from '../records/record-figures.js'
import { IS_FULL } from '../support/is-full.js'
import { base64 } from '../support/volumes.js'

const AT_ONCE = IS_FULL ? 100 : 40
const CYCLES = IS_FULL ? 1_000 : 50
const HELD = IS_FULL ? 200 : 60
const RACES = IS_FULL ? 200 : 40
const LINES = 5_000
/** Of everything: the machine may be slow, and is meant to be busy. */
const SECONDS = '110'
/** A parse takes some milliseconds; this limit only distinguishes linear from quadratic time. */
const PARSE_MS = 2_000

t.setTimeout(3_600_000)

const daemons = (lines: readonly string[]) => lines.filter(line => line.startsWith('ceph-fuse'))

const rssKiB = (directory: string): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        const isOurs = argv.startsWith('ceph-fuse') && argv.includes(`${directory}/`)
        const rss = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        return isOurs && rss ? [Number(rss)] : []
      } catch {
        return []
      }
    })

/** How many clients so many mounts of one volume have, and how the table of figures names them. */
const SHARINGS = [
  { clientSharing: 'pod', clients: (mounts: number) => mounts, with: '' },
  { clientSharing: 'node', clients: () => 1, with: ', of one volume and through one client' },
] as const

/** Progress lines for a terminal. */
const progress = startProgress({ ...streams(), live: undefined }, 'soak')
t.teardown(progress.end)
const TENTHS = 10

t.test('soak', async t => {
  const cluster = await startCluster(t)
  const volume = {
    monitors: cluster.monitors,
    timeoutSeconds: SECONDS,
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  const config = { timeoutSeconds: Number(SECONDS), recovery: true, guardLocalDisk: true }
  const failures = (calls: readonly Call[]) =>
    calls.filter(({ reply }) => reply.status !== 'Success').map(({ reply }) => reply.message)

  /** Sessions that others would have to wait for. */
  const sessions = async () => {
    const { stdout } = await execa('ceph', ['tell', 'mds.0', 'session', 'ls', '--format', 'json'], {
      env: { CEPH_CONF: cluster.conf },
    })
    return (JSON.parse(stdout) as { client_metadata?: { mount_point?: string } }[]).map(
      ({ client_metadata }) => client_metadata?.mount_point,
    )
  }

  for (const { clientSharing, clients, with: how } of SHARINGS)
    await t.test(`clientSharing: ${clientSharing}`, async t => {
      const options = { ...volume, clientSharing }
      const node = makeNode(t, config)
      const removeAll = async (t: Test, targets: readonly string[]) => {
        t.strictSame(failures(await Promise.all(targets.map(node.unmount))), [], 'all are unmounted, at once')
        t.strictSame(await node.settled(), NOTHING, 'no mount, process, key, lock or state is left')
        for (const list of ['locks', 'state', 'clients', 'keyrings'])
          t.strictSame(
            node.leftovers().files.filter(file => file.includes(`/${list}/`)),
            [],
            `nothing in ${list}`,
          )
      }

      await t.test(`${AT_ONCE} mounts at once`, async t => {
        const targets = Array.from({ length: AT_ONCE }, (_, i) => node.target('data', `storm-${i}`))
        const calls = await Promise.all(targets.map(target => node.mount(target, options)))
        progress.done(`${AT_ONCE} mounts at once`)
        t.strictSame(failures(calls), [], 'none fails')
        t.strictSame(
          targets.filter(target => node.mountsOn(target).length !== 1),
          [],
          'each is mounted once',
        )
        t.equal(daemons(node.leftovers().processes).length, clients(AT_ONCE), 'clients')
        t.comment(`slowest call ${Math.round(Math.max(...calls.map(({ ms }) => ms)))} ms`)
        await removeAll(t, targets)
        recordFigure(t, 'soak', `mounts made at once${how}`, AT_ONCE)
      })

      await t.test(`${CYCLES} cycles`, async t => {
        const target = node.target('data', 'cycle')
        let failed = 0
        const cycle = async (i: number) => {
          const mounted = (await node.mount(target, options)).reply
          const isThere = node.mountsOn(target).length === 1
          const unmounted = (await node.unmount(target)).reply
          const isGood = mounted.status === 'Success' && isThere && unmounted.status === 'Success'
          if (isGood) return
          failed += 1
          t.fail(`cycle ${i}`, { mounted, isThere, unmounted })
        }
        for (let i = 0; i < CYCLES; i += 1) {
          await cycle(i)
          if ((i + 1) % (CYCLES / TENTHS) === 0) progress.done(`${i + 1} of ${CYCLES} cycles`)
        }
        t.equal(failed, 0, 'none fails')
        t.strictSame(await node.settled(), NOTHING, 'nothing is left')
        t.strictSame(await sessions(), [], 'nor a session in the cluster')
        t.ok(
          readdirSync(`${node.dir}/log`).length <= 4,
          'clients leave no log, and the log of the driver is rotated',
        )
        recordFigure(t, 'soak', `mount and unmount cycles in a row${how}`, CYCLES)
      })

      await t.test(`${HELD} held`, async t => {
        const targets = Array.from({ length: HELD }, (_, i) => node.target('data', `held-${i}`))
        const calls: Call[] = []
        for (let i = 0; i < HELD; i += 10) {
          calls.push(
            ...(await Promise.all(targets.slice(i, i + 10).map(target => node.mount(target, options)))),
          )
          if (i % (HELD / TENTHS) === 0) progress.done(`${i + 10} of ${HELD} held`)
        }
        t.strictSame(failures(calls), [], 'all are mounted')
        writeFileSync(`${targets[0]}/shared`, 'by all')
        t.equal(readFileSync(`${targets.at(-1)}/shared`, 'utf8'), 'by all', 'and all show the same volume')
        const rss = rssKiB(node.dir).sort((a, b) => a - b)
        t.equal(rss.length, clients(HELD), 'clients')
        const mib = (kib = 0) => `${(kib / 1024).toFixed(1)} MiB`
        t.comment(`RSS of a ceph-fuse: median ${mib(rss[rss.length >> 1])}, most ${mib(rss.at(-1))}`)
        const again = await Promise.all(targets.slice(0, 20).map(target => node.mount(target, options)))
        t.strictSame(failures(again), [], 'a second mount call keeps the mount')
        t.equal(daemons(node.leftovers().processes).length, clients(HELD), 'and starts no client')
        await removeAll(t, targets)
        recordFigure(t, 'soak', `mounts held at the same time${how}`, HELD)
      })
    })

  await t.test(`${RACES} rounds of mount and unmount race on three targets of one volume`, async t => {
    const node = makeNode(t, config)
    t.strictSame(await racePods(node, volume, RACES), [], 'no error')
    progress.done(`${RACES} rounds on three targets`)
    t.strictSame(await node.settled(), NOTHING, 'nothing is left')
    recordFigure(t, 'soak', 'mounts of one volume that came and went while two others did', 3 * RACES)
  })

  await t.test(`${LINES} lines of mountinfo`, async t => {
    const line = (i: number) =>
      `${i} 27 0:${i} / /k/pods/${i}/volumes/a~b/data rw - fuse.ceph-fuse ceph-fuse rw\n`
    const text = Array.from({ length: LINES }, (_, i) => line(i)).join('')
    const begin = performance.now()
    t.equal(parseMountInfo(text).length, LINES, 'all are read')
    t.match(mountedOn(text, '/k/pods/4999/volumes/a~b/data'), [{ id: 4_999 }], 'one is found')
    const ms = Math.round(performance.now() - begin)
    t.ok(ms < PARSE_MS, `in ${ms} ms`)
  })
})
