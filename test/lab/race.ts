import { readFileSync, writeFileSync } from 'node:fs'
import type { TestNode } from './node.js'
import { observe } from './sharing.js'

/**
 * Three pods of one volume come and go at the same time, so many times each. Each writes a file and reads it back.
 *
 * @returns what went wrong: a call that failed, other data, a second client.
 */
export async function racePods(
  node: TestNode,
  options: Record<string, string>,
  rounds: number,
): Promise<string[]> {
  const { places, pods } = observe(node)
  const failures: string[] = []
  const use = (target: string, text: string) => {
    const file = `${target}/${text.split('.')[0]}`
    writeFileSync(file, text)
    if (readFileSync(file, 'utf8') !== text) throw new Error('other data')
    // not the processes: one that was just unmounted may take a while to end on a busy machine
    const { length } = places()
    if (length !== 1) throw new Error(`${length} clients are mounted`)
  }
  const round = async (target: string, text: string) => {
    const mounted = await node.mount(target, options)
    try {
      use(target, text)
    } catch (error) {
      failures.push(`${text}: ${error instanceof Error ? error.message : error}`)
    }
    const unmounted = await node.unmount(target)
    for (const { reply, output } of [mounted, unmounted])
      if (reply.status !== 'Success') failures.push(`${text}: ${output}`)
  }
  const live = async (target: string, i: number) => {
    for (let n = 0; n < rounds; n += 1) await round(target, `racer-${i}.${n}`)
  }
  await Promise.all(pods(3, 'racer').map(live))
  return failures
}
