import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { resolve } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { blocksOf, needsKubernetes } from '../docs/examples.js'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { objectsIn } from '../support/kubernetes.js'
import { manifest } from './support/controller.js'
import { type KubeObject, NODE, persistentVolume } from './support/objects.js'
import { startScene } from './support/scene.js'

const PKG = resolve('dist/pkg')
const PROGRAM = `${PKG}/cephflex-linux-${arch()}`
const PLACEHOLDER = 'REPLACE-ME-WITH-THE-KEY'

/** Changes to a manifest: this node has no scheduler, and a test must be quick. */
const here = { nodeName: NODE, terminationGracePeriodSeconds: 1 }

type WithPods = KubeObject & { spec: Record<string, unknown> & { template?: { spec: object } } }

const placed = (object: KubeObject): KubeObject => {
  const { spec } = object as WithPods
  if (object.kind === 'Pod') Object.assign(spec, here)
  if (spec?.template) Object.assign(spec.template.spec, here)
  return object
}

/** A PersistentVolume of the plugin that Kubernetes had before 1.31. */
const inTree = (name: string, monitors: string) =>
  persistentVolume(name, {
    cephfs: { monitors: monitors.split(','), path: '/volumes/web', user: 'web', secretRef: { name: 'key' } },
  })

const objects = (text: string): KubeObject[] => objectsIn(text).map(each => placed(each as never))

/** Kinds with a pod template, which kubectl decodes without a server; it drops fields that it does not know. */
const WITH_PODS = ['DaemonSet', 'Deployment', 'Pod']

t.test('kubectl 1.36 reads them, and knows each field of their pods', async t => {
  const { stdout: kubectl } = await execa('sh', ['test/lab/kube/kubectl.sh', 'forky'])
  const run = async (input: string, ...args: string[]) => (await execa(kubectl, args, { input })).stdout
  t.match(await run('', 'version', '--client'), /v1\.(3[6-9]|[4-9]\d)\./)
  /** What it decodes as the type that it knows. */
  const decoded = async (object: KubeObject) =>
    JSON.parse(
      await run(JSON.stringify(object), 'set', 'env', '--local', '-f', '-', '-o', 'json', 'CHECK=1'),
    ) as KubeObject
  const names = (await execa(PROGRAM, ['manifests'])).stdout.split('\n').map(line => line.split(' ')[0] ?? '')
  const pods: KubeObject[] = []
  for (const name of names) {
    const dir = t.testdir({ 'kustomization.yaml': 'resources: [objects.yaml]\n' })
    const text = await manifest(name)
    writeFileSync(`${dir}/objects.yaml`, text)
    const read = objectsIn(await run('', 'kustomize', dir))
    t.strictSame(new Set(read), new Set(objectsIn(text)), `${name}: it reads the same objects`)
    pods.push(...(objectsIn(text) as never as KubeObject[]).filter(({ kind }) => WITH_PODS.includes(kind)))
  }
  t.strictSame([...new Set(pods.map(({ kind }) => kind))].sort(), WITH_PODS, 'each of these kinds')
  for (const { kind, ...rest } of pods) {
    // it leaves out what is false
    const pod = JSON.parse(JSON.stringify({ kind, ...rest }).replaceAll(':false', ':true')) as KubeObject
    t.match(await decoded(pod), pod, `${kind} ${rest.metadata.name}: no field is lost`)
  }
  const [pod] = pods.filter(({ kind }) => kind === 'Pod')
  const wrong = JSON.parse(JSON.stringify(pod).replaceAll('"flexVolume"', '"flexVolumes"')) as KubeObject
  t.notMatch(await decoded(wrong), wrong, 'one that it does not know would be')
})

t.test('what "cephflex manifests" prints, on a real cluster', async t => {
  recordTest(t, 'kube-manifests', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  const { ceph, kube, leavesNothing } = await startScene(t, { install: false })
  await ceph.mkdir('/volumes/web')
  const key = await ceph.addUser('web', {
    mon: 'allow r',
    mds: 'allow rw path=/volumes/web',
    osd: 'allow rw tag cephfs data=*',
  })
  kube.keys.push(key)
  const { monitors } = ceph
  const podImage = 'localhost/cephflex/busybox:1'

  await kube.test('the API server accepts each of them unchanged', async t => {
    const names = (await execa(PROGRAM, ['manifests'])).stdout
      .split('\n')
      .map(line => line.split(' ')[0] ?? '')
    t.not(names.length, 0)
    // the API server checks objects only if their namespace exists
    await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cephflex' } })
    for (const name of names) {
      const { exitCode, stderr } = await kube.tryKubectl(
        ['apply', '--dry-run=server', '-f', '-'],
        await manifest(name),
      )
      t.equal(exitCode, 0, `${name} ${stderr}`)
    }
  })

  const program = (dir: string, name: string, command: readonly string[]) => {
    writeFileSync(`${dir}/${name}`, `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`)
    chmodSync(`${dir}/${name}`, 0o755)
  }
  /** The examples of a page that use kubectl, unchanged. */
  const kubernetesExamples = async (t: Test, page: string, given: Record<string, string> = {}) => {
    const bin = t.testdir()
    program(bin, 'kubectl', kube.kubectlCommand)
    program(bin, 'cephflex', [PROGRAM])
    const env = {
      PATH: `${bin}:${process.env['PATH']}`,
      CEPH_CONF: ceph.conf,
      CEPHFLEX_ADMIN_KEYRING: ceph.adminKeyring,
      ...given,
    }
    for (const { text } of blocksOf(page).filter(needsKubernetes)) {
      const { exitCode, all } = await execa('sh', ['-euc', text], { env, cwd: bin, all: true, reject: false })
      t.equal(exitCode, 0, `${text}${all}`)
    }
    return bin
  }

  await kube.test('the examples of the pages', async t => {
    await kubernetesExamples(t, 'README.md')
    await kubernetesExamples(t, 'src/assets/docs/provisioning.md')
    t.ok(await kube.get('daemonset', 'cephflex', 'cephflex'), 'the DaemonSet exists')
    t.ok(await kube.get('deployment', 'cephflex-controller', 'cephflex'), 'so does the controller')
    // its image is not available here, and no provisioner creates the volume of the claim
    await kube.kubectl(['delete', 'deployment', '-n', 'cephflex', 'cephflex-controller', '--timeout=60s'])
    await kube.kubectl(['delete', 'pod,pvc', '--all', '--timeout=60s'])
    const secret = await kube.get('secret', 'cephfs-key')
    t.match(secret, { type: 'cephflex/cephfs', data: { key: Buffer.from(key).toString('base64') } })
    await kube.kubectl(['delete', 'secret', 'cephfs-key'])
    await kube.apply(inTree('in-tree', monitors))
    const place = await kubernetesExamples(t, 'src/assets/docs/migration.md', { PV: 'in-tree' })
    const [converted] = objectsIn(readFileSync(`${place}/pv.yaml`, 'utf8'))
    t.match(converted, {
      metadata: { name: 'in-tree-flex' },
      spec: { flexVolume: { driver: 'cephflex/cephfs' } },
    })
    await kube.kubectl(['delete', 'pv', 'in-tree'])
  })

  await kube.test('the DaemonSet installs the driver from its image', async t => {
    const [image = ''] = readdirSync(PKG).filter(name => name.endsWith('-oci.tar'))
    await kube.importImage(`${PKG}/${image}`)
    await kube.apply(...objects(await manifest('daemonset', { pluginDir: kube.pluginDir })))
    await kube.kubectl(['-n', 'cephflex', 'rollout', 'status', 'daemonset/cephflex', '--timeout=100s'])
    const log = await kube.kubectl(['-n', 'cephflex', 'logs', 'daemonset/cephflex', '-c', 'install'])
    t.match(log, /answers init/)
    t.match(log, /^pass {2}ceph-fuse/m, 'it checks the node')
    // this node works: a check that its container cannot make is no failure
    t.notMatch(log, /^fail|unexpected error/m)
    const installed = `${kube.pluginDir}/cephflex~cephfs/cephfs`
    const same = await execa('cmp', [`${PROGRAM}-bun`, installed], { reject: false })
    t.equal(same.exitCode, 0, 'it is the program with Bun, which works here')
  })

  await kube.test('Secret, inline volume and PersistentVolume work', async t => {
    await kube.kubectl(['apply', '-f', '-'], (await manifest('secret')).replace(PLACEHOLDER, key))
    const inline = await manifest('pod-inline', { monitors, podImage, name: 'inline' })
    const fixed = await manifest('static', { monitors, podImage, name: 'static' })
    await kube.apply(...objects(inline), ...objects(fixed))
    await kube.running('inline', 'static')
    t.match(await kube.exec('inline', 'echo hello >/data/file; sync'), { exitCode: 0 })
    t.match(await kube.exec('static', 'cat /data/file'), { exitCode: 0, stdout: 'hello' })
  })

  await kube.test(
    'the DaemonSet is deleted: pods keep their volumes, and these can be unmounted',
    async t => {
      await kube.kubectl(['delete', 'namespace', 'cephflex', '--timeout=90s'])
      t.match(await kube.exec('inline', 'cat /data/file'), { exitCode: 0, stdout: 'hello' })
      await kube.deletePods('inline', 'static')
      await until('the node has no more pods', kube.noPods)
      await kube.apply(...objects(await manifest('pod-inline', { monitors, podImage, name: 'later' })))
      await kube.running('later')
      t.match(
        await kube.exec('later', 'cat /data/file'),
        { exitCode: 0, stdout: 'hello' },
        'new pods start, too',
      )
      await kube.deletePods('later')
    },
  )

  await leavesNothing()
})
