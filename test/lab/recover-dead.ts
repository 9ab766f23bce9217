import { writeFileSync } from 'node:fs'
import { execa } from 'execa'
import type { Test } from 'tap'
import { cephflex } from '../support/cli.js'
import type { TestCluster } from './cluster.js'
import { evictAll } from './evict.js'
import type { TestNode } from './node.js'
import { until } from './until.js'

/**
 * Every client of a node dies, and `recover` runs. What is mounted then must work, and what is not must have no state and
 * no key.
 *
 * @returns which of the targets are mounted.
 */
export async function recoverDead(
  t: Test,
  cluster: TestCluster,
  node: TestNode,
  targets: readonly string[],
): Promise<string[]> {
  const hasClient = () => node.leftovers().processes.some(line => line.startsWith('ceph-fuse'))
  await execa('pkill', ['-KILL', '-x', '-f', `ceph-fuse .*${node.dir}/.*`], { reject: false })
  await until('no client is left', () => !hasClient())
  await evictAll(cluster)
  await cephflex(['recover', '--json'], { env: node.environment })
  const mounted = targets.filter(target => node.mountsOn(target).length > 0)
  for (const target of mounted) writeFileSync(`${target}/again`, '')
  const states = node.states().filter(({ target }) => targets.includes(target))
  t.strictSame(
    states.map(({ target, unfinished }) => [target, unfinished]).sort(),
    mounted.map(target => [target, undefined]).sort(),
    'what is mounted has a state, and works; what is not has none',
  )
  const keys = node.leftovers().files.filter(file => file.includes('/kept/'))
  t.equal(keys.length, mounted.length, 'and no key')
  return mounted
}
