import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import type { Test } from 'tap'
import type { Kube } from '../kube.js'
import { objectsIn } from '../kubernetes.js'
import type { KubeObject } from './objects.js'
import { until } from './until.js'

const PROGRAM = resolve(`dist/pkg/cephflex-linux-${arch()}`)

/** Short, so that a test need not wait; the shipped one takes 15. */
const LEASE_S = 3
const BEGIN_MS = 60_000

/** What "cephflex manifests" prints. */
export const manifest = async (name: string, settings: Record<string, string> = {}): Promise<string> => {
  const flags = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  return (await execa(PROGRAM, ['manifests', name, ...flags])).stdout
}

/** The same, as objects. */
export const shipped = async (name: string, settings: Record<string, string> = {}): Promise<KubeObject[]> =>
  objectsIn(await manifest(name, settings)) as unknown as KubeObject[]

type Account = { metadata: { name: string }; secrets?: { name: string }[] }

/** A kubeconfig with the token that Kubernetes gave to the ServiceAccount, as a pod would have it. */
const accountConfig = async (kube: Kube): Promise<string> => {
  const secret = await until('the ServiceAccount has a token', async () => {
    const accounts = await kube.list<Account>(['serviceaccount', '-n', 'cephflex'])
    return accounts.find(({ metadata }) => metadata.name === 'cephflex-controller')?.secrets?.[0]?.name
  })
  const token = await kube.kubectl([
    ...['get', 'secret', '-n', 'cephflex', secret],
    ...['-o', 'go-template={{.data.token | base64decode}}'],
  ])
  const admin = readFileSync(kube.kubeconfig, 'utf8')
  const file = `${kube.dir}/run/controller.kubeconfig`
  const text = admin.replace(/token: "[^"]*"/, `token: "${token}"`)
  if (text === admin) throw new Error('the kubeconfig of the test cluster has another form')
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

export type Replica = {
  pid: number
  /** Ends when the process has. */
  ended: Promise<number | undefined>
  kill: (signal: NodeJS.Signals) => void
  /** The text of `/metrics` and its like. */
  page: (path: string) => Promise<string>
  leads: () => Promise<boolean>
  /** Until it begins to work. */
  begins: () => Promise<void>
}

/**
 * The controller with the rights of the shipped manifest, as processes of this
 * machine, to be killed and stopped at will; as a Deployment: deployment.suite.ts.
 */
export const controllers = async (t: Test, kube: Kube) => {
  const objects = await shipped('controller')
  await kube.apply(...objects.filter(({ kind }) => kind !== 'Deployment'))
  const kubeconfig = await accountConfig(kube)
  const logFile = `${kube.dir}/run/log/controller.log`
  const running = new Set<Replica>()

  const start = async (...flags: string[]): Promise<Replica> => {
    const child = execa(
      PROGRAM,
      [
        ...['controller', '--kubeconfig', kubeconfig, '--listen', '127.0.0.1:0'],
        ...['--lease-namespace', 'cephflex', '--secret-namespace', 'cephflex'],
        ...['--lease-seconds', String(LEASE_S), ...flags],
      ],
      { reject: false, buffer: false, stdin: 'ignore', all: true },
    )
    let text = ''
    let lead = () => {}
    const leading = new Promise<'leads'>(done => {
      lead = () => done('leads')
    })
    child.all.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('"event":"leading"')) lead()
    })
    child.all.pipe(createWriteStream(logFile, { flags: 'a' }))
    const ended = child.then(({ exitCode }) => exitCode)
    const port = await until('the controller listens', () => /"port":(\d+)/.exec(text)?.[1], 30)
    const page = async (path: string) =>
      (await execa('curl', ['-sf', '-m', '5', `http://127.0.0.1:${port}${path}`], { stdin: 'ignore' })).stdout
    const replica: Replica = {
      pid: child.pid ?? 0,
      ended,
      kill: signal => child.kill(signal),
      page,
      begins: async () => {
        if ((await Promise.race([leading, delay(BEGIN_MS, undefined, { ref: false })])) === undefined)
          throw new Error(`this replica did not lead in ${BEGIN_MS / 1000} s`)
      },
      leads: async () => (await page('/metrics')).includes('cephflex_controller_leader 1'),
    }
    running.add(replica)
    void ended.then(() => running.delete(replica))
    return replica
  }
  t.teardown(async () => {
    for (const replica of running) replica.kill('SIGKILL')
    await Promise.all([...running].map(({ ended }) => ended))
  })
  return { start, log: () => readFileSync(logFile, 'utf8') }
}
