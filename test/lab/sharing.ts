import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import type { Test } from 'tap'
import { parseMountInfo } from '../../src/core/target/mount-table.js'
import { base64 } from '../support/volumes.js'
import { startCluster, type TestCluster } from './cluster.js'
import { evictAll } from './evict.js'
import { makeNode, type TestNode } from './node.js'

/** A cluster and a node on which pods share the client of a volume, with what tests of that look at. */
export async function sharingScene(t: Test, config: Record<string, unknown> = {}) {
  const cluster = await startCluster(t)
  // the default, whatever the suites run with: a release without sharing does not know the key
  const node = makeNode(t, { clientSharing: undefined, ...config })
  const admin = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  return { cluster, node, admin, ...observe(node), ...users(cluster) }
}

/** What tests look at on a node. */
export function observe(node: TestNode) {
  const shared = `${node.runDirectory}/shared`
  return {
    /** The pids of the ceph-fuse processes of this node. */
    clients: async (): Promise<number[]> => {
      const found = await execa('pgrep', ['-x', '-f', `ceph-fuse .*${node.dir}/.*`], { reject: false })
      return found.stdout.split('\n').filter(Boolean).map(Number)
    },
    /** The places where shared clients are mounted. */
    places: (): string[] =>
      parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8'))
        .filter(({ mountPoint }) => mountPoint.startsWith(`${shared}/`))
        .map(({ mountPoint }) => mountPoint),
    /** The options of the mount on a target, as the kernel shows them. */
    optionsOf: (target: string): readonly string[] => node.mountsOn(target).at(-1)?.options ?? [],
    /** A target for each of so many pods. */
    pods: (count: number, prefix = 'pod'): string[] =>
      Array.from({ length: count }, (_, i) => node.target('data', `${prefix}-${i}`)),
  }
}

function users(cluster: TestCluster) {
  return {
    evictAll: (except?: string) => evictAll(cluster, except),
    /** A user for a directory, with the options of a volume for it. */
    userFor: async (name: string, path: string) => {
      await cluster.mkdir(path)
      const key = await cluster.addUser(name, {
        mon: 'allow r',
        mds: `allow rw path="${path}"`,
        osd: 'allow rw',
      })
      return { monitors: cluster.monitors, user: name, path, 'kubernetes.io/secret/key': base64(key) }
    },
  }
}
