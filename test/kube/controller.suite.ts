import t from 'tap'
import { namesBelow } from '../lab/provisioning.js'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { type Left, NONE, newClaim } from './support/claims.js'
import { startDemand } from './support/demand.js'
import { leaks } from './support/secrets.js'

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

/** One of everything for each claim. */
const each = (count: number): Left => ({
  ...{ users: count, directories: count, volumes: count, secrets: count, claims: count },
})

t.test('replicas of the controller that die', async t => {
  recordTest(t, 'kube-controller', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  const { kube, provisioner, start, log, eventually, remove } = await startDemand(t)
  let leader = await start()

  await kube.test('two replicas: the leader is killed halfway, the other takes over', async t => {
    leader.kill('SIGTERM')
    t.equal(await leader.ended, 0, 'it ends on SIGTERM')
    // slow enough to be killed halfway
    const first = await start('--workers', '1')
    await first.begins()
    const second = await start()
    t.notOk(await second.leads(), 'only one of them leads')
    t.equal(await second.page('/readyz'), 'ok', 'the other is ready')
    const names = numbered('two', 40)
    await kube.apply(...names.map(name => newClaim(name, 'fast')))
    await until('some volumes exist', async () => (await namesBelow(provisioner)).length >= 2)
    first.kill('SIGKILL')
    t.ok((await kube.list(['pv'])).length < names.length, 'not all volumes exist')
    await kube.bound(...names)
    t.ok(await second.leads(), 'the other one leads')
    await eventually('one volume for each claim', each(40))
    leader = await start()
    second.kill('SIGTERM')
    await second.ended
    await until('the next one leads without a wait', () => leader.leads(), 10)
    await remove(...names)
    await eventually('nothing is left', NONE)
  })

  await kube.test('a leader that was frozen ends when it continues', async t => {
    const second = await start()
    leader.kill('SIGSTOP')
    await second.begins()
    await kube.apply(newClaim('thaw', 'fast'))
    await kube.bound('thaw')
    leader.kill('SIGCONT')
    t.equal(await leader.ended, 1)
    t.match(log(), /^ELEASE: /m, 'its log has the reason')
    leader = second
    await remove('thaw')
    await eventually('nothing is left', NONE)
  })

  await kube.test('killed again and again: no volume is created twice, and none is left', async t => {
    const names = numbered('kill', 10)
    /** Kills the leader after a time that differs each time, until the work is done. @returns how often. */
    const killing = async (done: () => Promise<boolean>): Promise<number> => {
      let kills = 0
      for (let pauseMs = 150; !(await done()) && kills < 40; pauseMs += 45) {
        await leader.begins()
        await new Promise(resolve => setTimeout(resolve, pauseMs))
        leader.kill('SIGKILL')
        await leader.ended
        kills += 1
        leader = await start('--workers', '2')
      }
      return kills
    }
    leader.kill('SIGKILL')
    await leader.ended
    await kube.apply(...names.map(name => newClaim(name, 'fast')))
    leader = await start('--workers', '1')
    const making = await killing(async () => (await kube.list(['pv'])).length === names.length)
    await kube.bound(...names)
    await eventually('one volume for each claim', each(10))
    t.ok(making >= 2, `killed ${making} times while it created them`)
    leader.kill('SIGKILL')
    await leader.ended
    // half of them exist, half are deleted while they are created
    const half = numbered('gone', 10)
    await kube.apply(...half.map(name => newClaim(name, 'fast')))
    leader = await start('--workers', '1')
    await leader.begins()
    const isEmpty = async (kind: string) => (await kube.list([kind])).length === 0
    // at once: otherwise a quick controller removes them before it is killed
    const [removing] = await Promise.all([
      killing(async () => (await isEmpty('pvc')) && (await isEmpty('pv'))),
      remove(...names, ...half),
    ])
    await eventually('nothing is left', NONE)
    t.ok(removing >= 1, `killed ${removing} times while it removed them`)
  })

  await kube.test('the controller logs no key', async t => {
    t.strictSame(leaks(log(), kube.keys), [], 'no replica has logged one')
  })
})
