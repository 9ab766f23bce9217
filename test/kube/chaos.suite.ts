// Something dies all the time under ten pods that write. In the end all of them write, and no confirmed write is lost.
// CEPHFLEX_SEED repeats an order of events. CEPHFLEX_SOAK=full runs for ten minutes.
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { seededRandom, shuffled } from '../bench/statistics.js'
import { until } from '../lab/until.js'
import { type Gaps, gapRows, gapsPlain, recordGaps } from '../records/gaps.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { IS_FULL } from '../support/is-full.js'
import { type Event, makeEvents } from './support/chaos.js'
import { startHealing } from './support/healer.js'
import { type Diary, diaryOf, gapAfter, longestGap, missingFrom, uptime, writer } from './support/writers.js'

const SECONDS = Number(process.env['CEPHFLEX_CHAOS_SECONDS'] ?? (IS_FULL ? 600 : 180))
const SEED = Number(process.env['CEPHFLEX_SEED'] ?? Date.now() % 1_000_000)
/** Between two events, in seconds: after most of them, the pods write again before the next one. */
const PAUSE_S = { least: 8, most: 14 }
/** An MDS that restarts waits 45 s for a client that died meanwhile. */
const HEAL_S = 150
/** How many pods write to each volume. */
const VOLUMES = { a: 4, b: 4, c: 2 }

t.setTimeout(3_600_000)

t.test('something dies all the time', async t => {
  recordTest(t, 'kube-chaos', { area: 'kubelet', subject: 'Kubernetes', version: '1.20', arch: thisArch() })
  const scene = await startHealing(t)
  const { ceph, kube, inline, heal, leavesNothing } = scene
  const random = seededRandom(SEED)
  const uids = new Map<string, string>()
  const names = Object.entries(VOLUMES).flatMap(([volume, pods]) =>
    Array.from({ length: pods }, (_, n) => `${volume}-${n}`),
  )
  const volumeOf = (name: string) => inline({ path: `/${name[0]}` })
  const diaries = (): Diary[] => names.map(name => diaryOf(name, uids.get(name) ?? ''))
  t.comment(`seed ${SEED}; CEPHFLEX_SEED=${SEED} repeats it`)

  await kube.test('ten pods write', async () => {
    for (const volume of Object.keys(VOLUMES)) await ceph.mkdir(`/${volume}`)
    await heal.start()
    await kube.apply(...names.map(name => writer(name, volumeOf(name), { propagates: true })))
    await kube.running(...names)
    for (const name of names) uids.set(name, await kube.uidOf(name))
  })

  const kinds = makeEvents(scene, scene.byFile({ path: '/a' }), random)
  const happened: { event: Event; at: number }[] = []
  await kube.test(`for ${SECONDS} s`, async t => {
    const end = uptime() + SECONDS
    let bag: Event[] = []
    while (uptime() < end) {
      if (bag.length === 0) bag = shuffled(kinds, random)
      const event = bag.shift()
      if (event === undefined) break
      const at = uptime()
      happened.push({ event, at })
      t.comment(`${(at + SECONDS - end).toFixed(0)} s: ${event.what}: ${await event.happen()}`)
      const next = at + PAUSE_S.least + random() * (PAUSE_S.most - PAUSE_S.least)
      await delay(Math.max(0, (next - uptime()) * 1_000))
    }
    t.ok(happened.length >= SECONDS / 20, `${happened.length} events`)
  })

  await kube.test('every pod writes again, and no confirmed write is lost', async t => {
    const since = uptime()
    for (const [n, name] of names.entries())
      t.ok(
        await until(`${name} writes`, () => gapAfter(diaries()[n] as Diary, since), HEAL_S),
        `${name} writes`,
      )
    const all = diaries()
    for (const [n, name] of names.entries()) {
      const { stdout } = await kube.exec(name, `cat /data/${name}`)
      t.strictSame(missingFrom(all[n] as Diary, stdout), [], `${name} has every number`)
    }
    const disturbances = happened.map(({ event, at }, n) => ({
      what: event.what,
      gaps: all.flatMap(diary => longestGap(diary, at, happened[n + 1]?.at ?? uptime()) ?? []),
    }))
    const gaps: Gaps = {
      date: new Date().toISOString().slice(0, 10),
      seconds: SECONDS,
      pods: names.length,
      writes: all.flatMap(({ writes }) => writes).length,
      errors: all.flatMap(({ fails }) => fails).length,
      rows: gapRows(disturbances),
    }
    t.comment(`${gapsPlain(gaps)}\n${gaps.writes} writes, ${gaps.errors} errors`)
    recordGaps(gaps)
    await heal.remove()
    await kube.deletePods(...names)
  })

  await leavesNothing()
})
