// A client dies under containers with a subPath: after "recover", a restart of the container alone brings it back.

import { execa } from 'execa'
import t, { type Test } from 'tap'
import { signal } from '../lab/signal.js'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { evictClients, recoverAll } from './support/lost-clients.js'
import { pod, type Source } from './support/objects.js'
import { startScene } from './support/scene.js'

type Status = {
  containerStatuses?: {
    name: string
    restartCount: number
    ready: boolean
    state: { running?: object; waiting?: { reason: string; message?: string } }
  }[]
}
type VolumeMount = { subPath?: string; subPathExpr?: string; readOnly?: boolean }

/** A pod with a container for each of these, all with the same volume. They end when /data/end appears in the pod. */
const podOf = (name: string, source: Source, mounts: Readonly<Record<string, VolumeMount>>) => {
  const made = pod(name, source)
  const [container] = made.spec.containers
  return {
    ...made,
    spec: {
      ...made.spec,
      restartPolicy: 'Always',
      containers: Object.entries(mounts).map(([each, mount]) => ({
        ...container,
        name: each,
        env: [{ name: 'PART', value: 'expr' }],
        volumeMounts: [{ name: 'data', mountPath: '/data', ...mount }],
      })),
    },
  }
}

t.test('subPath after a client has died', async t => {
  recordTest(t, 'kube-sub-paths', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  const { ceph, kube, driver, inline, leavesNothing } = await startScene(t, { config: { recovery: true } })
  const statusOf = async (name: string) =>
    ((await kube.get('pod', name))?.status as Status | undefined)?.containerStatuses ?? []
  const inContainer = (name: string, container: string, script: string) =>
    kube.tryKubectl(['exec', name, '-c', container, '--', 'sh', '-c', script])
  const killClients = async (uid: string) => {
    for (const pid of new Set(kube.clients(uid))) signal(pid, 'SIGKILL')
    await evictClients(ceph)
  }
  /** Ends the process of a container: the kubelet starts it again. */
  const restart = async (name: string, container: string) => {
    await inContainer(name, container, 'kill 1')
  }
  const comesBack = (name: string, container: string) =>
    until(`${container} of ${name} runs again`, async () => {
      const found = (await statusOf(name)).find(each => each.name === container)
      if (found?.restartCount === 0 || found?.state.running === undefined)
        throw new Error(JSON.stringify(found))
      return true
    })
  const works = async (t: Test, container: string, script: string, stdout: string) =>
    t.match(await inContainer('several', container, script), { exitCode: 0, stdout }, `${container} works`)
  const prepared = async (path: string) => {
    for (const below of ['', '/plain', '/expr', '/ro']) await ceph.mkdir(`${path}${below}`)
    await ceph.writeFile(`${path}/ro/file`, 'content')
    await ceph.writeFile(`${path}/one-file`, 'content')
    return inline({ path })
  }

  await kube.test('without "recover", a container with a subPath does not come back', async t => {
    const source = await prepared('/stuck')
    await kube.apply(podOf('stuck', source, { main: { subPath: 'plain' } }))
    const [uid = ''] = await kube.running('stuck')
    await killClients(uid)
    await restart('stuck', 'main')
    const waiting = await until('the kubelet says why', async () => {
      const [found] = await statusOf('stuck')
      return /subPath/.test(found?.state.waiting?.message ?? '') && found?.state.waiting
    })
    t.comment(`${waiting.reason}: ${waiting.message}`)
    const explained = await execa(
      `${kube.pluginDir}/cephflex~cephfs/cephfs`,
      ['explain', waiting.message ?? ''],
      {
        env: driver.environment,
      },
    )
    t.match(explained.stdout, /subPath[\s\S]*cephflex recover[\s\S]*umount -l/, 'explain recognizes it')
    t.match(await recoverAll(kube, driver), [
      { was: 'dead', outcome: 'recovered', subPaths: [/volume-subpaths/] },
    ])
    t.ok(await comesBack('stuck', 'main'))
    t.match(await inContainer('stuck', 'main', 'echo new >/data/new && cat /data/new'), { stdout: 'new' })
    await kube.deletePods('stuck')
  })

  await kube.test('plain, subPathExpr, read-only, a file, several containers', async t => {
    const source = await prepared('/several')
    const mounts = {
      plain: { subPath: 'plain' },
      expr: { subPathExpr: '$(PART)' },
      ro: { subPath: 'ro', readOnly: true },
      file: { subPath: 'one-file' },
      whole: {},
    }
    const { file: _, ...directories } = mounts
    await kube.apply(
      podOf('several', source, directories),
      podOf('other', source, { main: { subPath: 'plain' } }),
    )
    const [uid = ''] = await kube.running('several', 'other')
    await killClients(uid)
    await killClients(await kube.uidOf('several'))
    const report = await recoverAll(kube, driver)
    const several = report.find(each => each.pod.name === 'several')
    t.equal(several?.subPaths?.length, 3, 'the binds of three containers')
    t.strictSame(
      several?.holders?.map(({ container }) => container).sort(),
      ['expr', 'plain', 'ro', 'whole'],
      'the report names every container that does not see the new mount',
    )
    const needed = async () => {
      const program = `${kube.pluginDir}/cephflex~cephfs/cephfs`
      const { stdout } = await execa(program, ['metrics'], { env: driver.environment })
      return stdout
        .split('\n')
        .flatMap(
          line =>
            /^cephflex_restart_needed.*pod="(.*)",container="(.*)",/.exec(line)?.slice(1).join(' ') ?? [],
        )
    }
    t.strictSame(
      (await needed()).sort(),
      ['other main', 'several expr', 'several plain', 'several ro', 'several whole'],
      'and so do the metrics',
    )
    for (const container of Object.keys(directories)) await restart('several', container)
    for (const container of Object.keys(directories)) t.ok(await comesBack('several', container))
    await works(t, 'plain', 'echo plain >/data/x && cat /data/x', 'plain')
    await works(t, 'expr', 'echo expr >/data/x && cat /data/x', 'expr')
    await works(t, 'ro', 'cat /data/file', 'content')
    t.match(await inContainer('several', 'ro', 'touch /data/no'), { stderr: /Read-only file system/ })
    await works(t, 'whole', 'cat /data/plain/x /data/expr/x', 'plain\nexpr')
    await restart('other', 'main')
    t.ok(await comesBack('other', 'main'), 'and that of the other pod')
    t.strictSame(await needed(), [])
    await kube.deletePods('several', 'other')
  })

  await leavesNothing()
})
