import type { Test } from 'tap'
import { pod, type Source } from './objects.js'
import { startScene } from './scene.js'

/** A scene with pods that share the client of a volume, `/data` with a file, and what tests of that look at. */
export async function sharingPods(t: Test) {
  const scene = await startScene(t, { config: { recovery: true, clientSharing: 'node', timeoutSeconds: 60 } })
  const { ceph, kube, inline } = scene
  await ceph.mkdir('/data')
  await ceph.writeFile('/data/file', 'content')
  return {
    ...scene,
    /** The directory as a volume. */
    data: inline({ path: '/data' }),
    /** Starts pods with a volume, and waits until they run. */
    started: async (source: Source, ...names: string[]) => {
      await kube.apply(...names.map(name => pod(name, source)))
      await kube.running(...names)
    },
    /** Runs a line of shell in a pod, which must print this. */
    says: async (t: Test, name: string, script: string, stdout: string) =>
      t.match(await kube.exec(name, script), { exitCode: 0, stdout }, `${name}: ${script}`),
    /** The one client that these pods have. */
    clientOf: async (t: Test, ...names: string[]): Promise<number> => {
      const uids = await Promise.all(names.map(kube.uidOf))
      const [pid = 0, ...others] = new Set(uids.flatMap(kube.clients))
      t.ok(pid > 0 && others.length === 0, `one ceph-fuse for ${names.length} pods`)
      return pid
    },
  }
}
