// Three pods of one volume come and go at the same time. Nobody's data path is pulled away, and nothing is left.
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { NOTHING } from '../../lab/node.js'
import { sharingScene } from '../../lab/sharing.js'

/** On each of three targets: 200 mounts and unmounts with "npm run test:soak", fewer here. */
const ROUNDS = 20

t.test('mounts and unmounts race on three targets of one volume', async t => {
  const { node, admin, clients, pods } = await sharingScene(t)
  const failures: string[] = []
  /** Writes a file and reads it back, while other pods come and go. */
  const use = async (target: string, text: string) => {
    writeFileSync(`${target}/${text.split('.')[0]}`, text)
    if (readFileSync(`${target}/${text.split('.')[0]}`, 'utf8') !== text) throw new Error('other data')
    const { length } = await clients()
    if (length !== 1) throw new Error(`${length} clients`)
  }
  const round = async (target: string, text: string) => {
    const mounted = await node.mount(target, admin)
    await use(target, text).catch((error: Error) => failures.push(`${text}: ${error.message}`))
    const unmounted = await node.unmount(target)
    for (const { reply, output } of [mounted, unmounted])
      if (reply.status !== 'Success') failures.push(`${text}: ${output}`)
  }
  const live = async (target: string, i: number) => {
    for (let n = 0; n < ROUNDS; n += 1) await round(target, `pod-${i}.${n}`)
  }
  await Promise.all(pods(3).map(live))
  t.strictSame(failures, [], `${ROUNDS} rounds on each: no error`)
  t.strictSame(await node.settled(), NOTHING, 'nothing is left')
})
