import t from 'tap'
import { DEFAULT_NODE_CONFIG } from '../../src/core/config/node-config.js'
import { fillManifest, summaryOf, variablesOf } from '../../src/core/manifests/manifests.js'
import { parseParameters } from '../../src/core/provision/parameters.js'
import { parseVolumeOptions } from '../../src/core/volume/options.js'
import { assetNames, readAsset } from '../../src/system/assets.js'
import { type KubernetesObject, objectsIn, typeProblems, validate } from '../support/kubernetes.js'
import { base64, KEY } from '../support/volumes.js'

/** Values for the variables without a default. */
const SETTINGS = {
  fsName: 'second',
  pluginDir: '/var/lib/kubelet/volumeplugins',
  driver: 'example.com/ceph',
  path: '/a b/"c": #d',
}

const manifest = (name: string, ...settings: string[]) =>
  objectsIn(fillManifest(name, readAsset(`kubernetes/${name}.yaml`), settings))

const settingsFor = (name: string): string[] => {
  const used = variablesOf(readAsset(`kubernetes/${name}.yaml`))
  return Object.entries(SETTINGS).flatMap(([key, value]) =>
    used.some(variable => variable === key) ? [`${key}=${value}`] : [],
  )
}

const names = assetNames().flatMap(name => name.match(/^kubernetes\/(.*)\.yaml$/)?.[1] ?? [])
const variants = names.flatMap(name => [
  { name, objects: manifest(name) },
  { name: `${name} with ${settingsFor(name).join(', ')}`, objects: manifest(name, ...settingsFor(name)) },
])
const all = variants.flatMap(({ objects }) => objects)

type FlexVolume = {
  driver: string
  secretRef: { name: string; namespace?: string }
  options: Record<string, string>
}

/** Every value of a key, at any depth. */
const valuesOf = (value: unknown, key: string): unknown[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, below]) => [
    ...(name === key ? [below] : []),
    ...valuesOf(below, key),
  ])
}

const changed = (object: KubernetesObject | undefined, from: string, to: string): KubernetesObject => {
  const text = JSON.stringify(object)
  const result = text.replace(from, to)
  if (result === text) throw new Error(`no ${from} in it`)
  return JSON.parse(result) as KubernetesObject
}

t.strictSame(
  names,
  ['controller', 'daemonset', 'pod-inline', 'secret', 'static', 'storageclass'],
  'every manifest is tested',
)

t.test('they match the schema of Kubernetes', async t => {
  for (const { name, objects } of variants)
    for (const object of objects) t.doesNotThrow(() => validate(object), `${name}: ${object.kind}`)
  t.equal(await typeProblems(t.testdir(), all), '', 'no unknown field at any depth')
  for (const name of names)
    t.not(summaryOf(readAsset(`kubernetes/${name}.yaml`)), '', `${name} has a summary`)
})

t.test('the schema check finds mistakes', async t => {
  const [, daemonSet] = manifest('daemonset')
  const [pod] = manifest('pod-inline')
  const mistakes: [object: KubernetesObject | undefined, from: string, to: string][] = [
    [daemonSet, '"hostPath"', '"hostPaht"'],
    [daemonSet, '"runAsUser":0', '"runAsUsr":0'],
    [pod, '"readOnly"', '"readonly"'],
    [pod, '"driver"', '"Driver"'],
    [pod, '"metadata"', '"meta"'],
  ]
  const wrong = mistakes.map(([object, from, to]) => changed(object, from, to))
  const problems = await typeProblems(t.testdir(), wrong)
  for (const [, , to] of mistakes)
    t.match(problems, `'${to.split(':')[0]}' does not exist`, `${to} is unknown`)
  t.throws(() => validate(changed(pod, '"cpu":"10m"', '"cpu":"ten"')), 'an invalid quantity')
  t.throws(() => validate(changed(daemonSet, '"selector"', '"select"')), 'a required field that is missing')
  t.throws(() => objectsIn('a: 1\na: 2\n'), /unique/, 'a duplicate key')
})

t.test('the driver accepts their volumes', async t => {
  const volumes = variants.flatMap(({ name, objects }) =>
    (valuesOf(objects, 'flexVolume') as FlexVolume[]).map(volume => ({ name, ...volume })),
  )
  t.equal(volumes.length, 4, 'two volumes, twice')
  for (const { name, options } of volumes) {
    const call = { ...options, 'kubernetes.io/readwrite': 'rw', 'kubernetes.io/secret/key': base64(KEY) }
    const parsed = parseVolumeOptions(JSON.stringify(call), DEFAULT_NODE_CONFIG)
    t.equal(parsed.path, options['path'], `${name}: the options parse`)
  }
  t.throws(
    () => parseVolumeOptions(JSON.stringify({ ...volumes[0]?.options, pth: '/' }), DEFAULT_NODE_CONFIG),
    { code: 'EBADOPTIONS' },
    'a misspelt option is refused',
  )
})

t.test('they fit together', async t => {
  for (const settings of [[], ['driver=example.com/ceph', 'secret=other', 'namespace=apps']]) {
    const [secret] = manifest('secret', ...settings)
    const metadata = secret?.['metadata'] as { name: string; namespace: string }
    const objects = [...manifest('pod-inline', ...settings), ...manifest('static', ...settings)]
    for (const { driver, secretRef } of valuesOf(objects, 'flexVolume') as FlexVolume[]) {
      t.equal(secret?.['type'], driver, `the type of the Secret is the driver's name: ${driver}`)
      t.equal(secretRef.name, metadata.name, 'the volume names the Secret')
      t.equal(secretRef.namespace ?? metadata.namespace, metadata.namespace, 'in its namespace')
    }
  }
  const [volume, claim, pod] = manifest('static', 'name=data')
  t.match(volume, { metadata: { name: 'data' }, spec: { claimRef: { name: 'data' }, storageClassName: '' } })
  t.match(claim, { metadata: { name: 'data' }, spec: { volumeName: 'data', storageClassName: '' } })
  t.match(pod, { spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] } })
  t.match(valuesOf(all, 'stringData'), [{ key: 'REPLACE-ME-WITH-THE-KEY' }], 'the key is a placeholder')
})

t.test('the DaemonSet has few rights', async t => {
  const [namespace, daemonSet] = manifest('daemonset')
  t.match(namespace, { metadata: { name: 'cephflex' } })
  t.match(daemonSet, { metadata: { namespace: 'cephflex' } }, 'in the namespace that the manifest creates')
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'privileged', 'livenessProbe', 'lifecycle'])
    t.strictSame(valuesOf(daemonSet, field), [], `no ${field}`)
  const [installer] = valuesOf(daemonSet, 'initContainers').flat() as { args: string[] }[]
  t.strictSame(installer?.args, ['--root=/host', '--vendor=cephflex', '--driver=cephfs'])
  const [waiting] = valuesOf(daemonSet, 'containers').flat() as object[]
  t.notOk('volumeMounts' in (waiting ?? {}), 'the container that keeps running has no access to the node')
  t.match(waiting, { securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } } })
})

t.test('the controller has few rights', async t => {
  const objects = manifest('controller')
  const rulesOf = (kind: string) =>
    (objects.find(object => object.kind === kind)?.['rules'] as { resources: string[]; verbs: string[] }[]) ??
    []
  const everywhere = rulesOf('ClusterRole').flatMap(({ resources }) => resources)
  t.notOk(everywhere.includes('secrets'), 'no access to Secrets outside its namespace')
  const all = [...rulesOf('ClusterRole'), ...rulesOf('Role')]
  t.notOk(JSON.stringify(all).includes('*'), 'nothing is allowed by a wildcard')
  t.notOk(
    rulesOf('Role').some(({ resources, verbs }) => resources.includes('secrets') && verbs.includes('list')),
    'it may get Secrets by name, but not list them',
  )
  const [deployment] = objects.filter(({ kind }) => kind === 'Deployment')
  for (const field of ['hostNetwork', 'hostPID', 'privileged', 'hostPath'])
    t.strictSame(valuesOf(deployment, field), [], `no ${field}`)
  t.match(valuesOf(deployment, 'runAsNonRoot'), [true])
  t.strictSame(valuesOf(deployment, 'readOnlyRootFilesystem'), [true, true])
})

t.test('controller and StorageClass fit together', async t => {
  for (const settings of [[], ['namespace=storage', 'provisioner=ceph.com/cephfs']]) {
    const [namespace, account] = manifest('controller', ...settings) as [KubernetesObject, KubernetesObject]
    const { name } = namespace['metadata'] as { name: string }
    const deployment = manifest('controller', ...settings).find(({ kind }) => kind === 'Deployment')
    const [{ args }] = valuesOf(deployment, 'containers').flat() as [{ args: string[] }]
    const [storageClass] = manifest('storageclass', ...settings)
    t.equal(args[args.indexOf('--provisioner') + 1], storageClass?.['provisioner'])
    t.equal(
      args[args.indexOf('--secret-namespace') + 1],
      name,
      'Secrets are in a namespace that it may write to',
    )
    t.match(
      storageClass,
      { parameters: { adminSecretNamespace: name } },
      'and the key is in a namespace that it may read',
    )
    const [shared] = manifest('daemonset', ...settings.filter(setting => setting.startsWith('namespace')))
    t.strictSame(
      namespace,
      shared,
      'the DaemonSet creates the same namespace: neither manifest changes it for the other',
    )
    t.match(account, { kind: 'ServiceAccount', metadata: { namespace: name } })
    const parameters = parseParameters(storageClass?.['parameters'] as Record<string, string>)
    t.equal(parameters.adminSecretName, 'ceph-admin', 'the controller accepts its parameters')
  }
})
