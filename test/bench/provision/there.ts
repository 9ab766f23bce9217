import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { volumeFor } from '../../../src/core/controller/make-objects.js'
import { PROVISIONED_BY_ANNOTATION } from '../../../src/core/kubernetes/annotations.js'
import { parseParameters } from '../../../src/core/provision/parameters.js'
import type { Volume } from '../../../src/core/provision/volume.js'
import { until } from '../../lab/until.js'
import type { ThereResults, UserPer } from '../../records/provision.js'
import { memoryApi } from '../../support/memory-api.js'
import type { ProvisionLab } from './lab.js'

const PROGRAM = [process.execPath, join(import.meta.dirname, '../../../../dist/bin/cephflex.js')] as const
const PROVISIONER = 'cephflex/cephfs'
const SETTLE_MS = 3_000
/** Each volume that is imported is looked at, so it is the number of these that counts. */
const IMPORTED = 500

/** Many volumes below one directory. */
export type Scaled = { claimRoot: string; userPer: UserPer; volumes: number; perNamespace: number }

type Listed = Volume & { problem?: string }

/**
 * What commands and the controller cost while many volumes exist.
 *
 * @throws Error if `volume list` does not confirm every volume, or the controller reads volumes one by one.
 */
export async function measureThere(
  lab: ProvisionLab,
  scaled: Scaled,
): Promise<Omit<ThereResults, 'userPer'>> {
  const folder = mkdtempSync(join(tmpdir(), 'cephflex-bench-s-'))
  try {
    const list = await command(lab, scaled, ['volume', 'list', '--json'])
    const listed = JSON.parse(list.stdout) as Listed[]
    const wrong = listed.find(({ problem }) => problem !== undefined)
    if (wrong !== undefined || listed.length < scaled.volumes)
      throw new Error(`${listed.length} volumes are listed; ${wrong?.problem ?? 'none is unconfirmed'}`)
    const objects = listed.map(volume => objectsOf(lab, scaled, volume))
    const file = join(folder, 'volumes.json')
    const some = objects.slice(0, IMPORTED).map(({ volume }) => volume)
    writeFileSync(file, JSON.stringify({ kind: 'List', items: some }))
    const args = ['import', '--dry-run', '--same-cluster', '--json', '--admin-secret', 'x/y', '--file', file]
    const imported = await command(lab, scaled, args)
    return {
      volumes: listed.length,
      listSeconds: list.seconds,
      listMb: list.mb,
      importSeconds: imported.seconds,
      importMb: imported.mb,
      ...(await startController(folder, objects)),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a command as an administrator does, and measures its time and its memory. */
async function command({ monitors, key, folder }: ProvisionLab, { claimRoot }: Scaled, args: string[]) {
  const keyring = join(folder, 'bare-key')
  writeFileSync(keyring, key.reveal(), { mode: 0o600 })
  const begin = performance.now()
  const [file, program] = PROGRAM
  const place = ['--monitors', monitors, '--keyring', keyring, '--claim-root', claimRoot]
  const { stdout, stderr } = await execa(
    '/usr/bin/env',
    ['python3', '-c', MEASURED, file, program, ...args, ...place],
    { reject: false, maxBuffer: 2 ** 28 },
  )
  const seconds = (performance.now() - begin) / 1000
  const [, kib] = /^max RSS (\d+)$/m.exec(stderr) ?? []
  if (kib === undefined || stdout === '') throw new Error(`${args.join(' ')}: ${stderr.slice(-2000)}`)
  return { stdout, seconds, mb: Number(kib) / 1024 }
}

/** Prints the largest memory of the command, without that of its children. */
const MEASURED = `
import os, resource, subprocess, sys
child = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(child.pid, 0)
print("max RSS", usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
`

function objectsOf({ monitors }: ProvisionLab, { userPer, claimRoot, perNamespace }: Scaled, made: Volume) {
  const number = Number(made.pv.replace(/^\D+/, ''))
  const namespace = `namespace-${Math.floor(number / perNamespace)}`
  const given = { monitors, adminSecretName: 'admin', adminSecretNamespace: 'apps', claimRoot, userPer }
  const parameters = parseParameters(given)
  const storageClass = { metadata: { name: 'fast' }, provisioner: PROVISIONER, parameters: given }
  const uid = `uid-${made.pv}`
  const spec = { accessModes: ['ReadWriteMany'], storageClassName: 'fast', volumeName: made.pv }
  const claim = {
    metadata: { name: made.pv, namespace, uid, annotations: { [PROVISIONED_BY_ANNOTATION]: PROVISIONER } },
    spec: { ...spec, resources: { requests: { storage: '8Mi' } } },
    status: { phase: 'Bound', capacity: { storage: '8Mi' } },
  }
  const about = { claim, storageClass, parameters, monitors: parameters.monitors ?? [] }
  const settings = { provisioners: [PROVISIONER], driver: PROVISIONER, secretNamespace: 'cephflex' }
  const volume = volumeFor({ ...made, sizeBytes: BigInt(made.sizeBytes) }, about, settings)
  return { claim, storageClass, volume: { ...volume, status: { phase: 'Bound' } } }
}

type Objects = ReturnType<typeof objectsOf>

/** Starts the controller beside an API with all objects. It has nothing to do: no volume may be asked for alone. */
async function startController(folder: string, all: readonly Objects[]) {
  const ends: (() => unknown)[] = []
  const requests: string[] = []
  const lab = { testdir: () => folder, teardown: (end: () => unknown) => ends.push(end) }
  const api = await memoryApi(lab as never, (method, path) => {
    requests.push(`${method} ${path}`)
    return true
  })
  const [first] = all
  if (first) api.put('/apis/storage.k8s.io/v1/storageclasses/fast', first.storageClass as never)
  for (const { claim, volume } of all) {
    const { namespace, name } = claim.metadata
    api.put(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`, claim as never)
    api.put(`/api/v1/persistentvolumes/${name}`, volume as never)
  }
  writeFileSync(api.kubeconfig, configFor(api.url))
  const [file, program] = PROGRAM
  const args = [program, 'controller', '--kubeconfig', api.kubeconfig, '--listen', '127.0.0.1:0']
  const begin = performance.now()
  let log = ''
  const child = execa(file, args, { reject: false, all: true, stdin: 'ignore' })
  child.all.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  try {
    const port = await until('it listens', () => /"port":(\d+)/.exec(log)?.[1])
    const isReady = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200
    await until('it is ready', async () => (await isReady()) && log.includes('"leading"'))
    const startSeconds = (performance.now() - begin) / 1000
    await new Promise(done => setTimeout(done, SETTLE_MS))
    const single = requests.filter(each => /(?:claims|volumes)\/[^/]+$/.test(each))
    if (single.length > 0) throw new Error(`volumes were read one by one: ${single.slice(0, 3).join(', ')}`)
    const [, kib] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
    return { startSeconds, controllerMb: Number(kib) / 1024 }
  } finally {
    child.kill('SIGTERM')
    await child
    for (const end of ends) await end()
  }
}

function configFor(server: string) {
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'apps' } }],
    clusters: [{ name: 'k', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'token' } }],
  })
}
