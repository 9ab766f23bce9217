import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import { until } from '../until.js'
import type { KubeCluster } from './cluster.js'

const BEGIN_MS = 60_000

/** Of the shipped manifest. */
const NAMESPACE = 'cephflex'

type Account = { metadata: { name: string }; secrets?: { name: string }[] }

export type Replica = {
  pid: number
  /** Ends when the process has. */
  ended: Promise<number | undefined>
  kill: (signal: NodeJS.Signals) => void
  /** The text of `/metrics` and its like. */
  page: (path: string) => Promise<string>
  leads: () => Promise<boolean>
  /** Waits until it leads. */
  begins: () => Promise<void>
}

type ReplicaOptions = {
  /** The command that runs cephflex. */
  program: readonly [string, ...string[]]
  kubeconfig: string
  /** The file that its output is appended to. */
  logFile: string
  flags?: readonly string[]
}

/**
 * A kubeconfig with the token that Kubernetes gave to the ServiceAccount of the shipped manifest, as a pod would have it.
 *
 * @returns the file, below the directory of the cluster.
 */
export async function accountConfig(kube: Omit<KubeCluster, 'close'>): Promise<string> {
  const secret = await until('the ServiceAccount has a token', async () => {
    const accounts = await kube.list<Account>(['serviceaccount', '-n', NAMESPACE])
    return accounts.find(({ metadata }) => metadata.name === 'cephflex-controller')?.secrets?.[0]?.name
  })
  const token = await kube.kubectl([
    ...['get', 'secret', '-n', NAMESPACE, secret],
    ...['-o', 'go-template={{.data.token | base64decode}}'],
  ])
  const admin = readFileSync(kube.kubeconfig, 'utf8')
  const file = `${kube.dir}/run/controller.kubeconfig`
  const text = admin.replace(/token: "[^"]*"/, `token: "${token}"`)
  if (text === admin) throw new Error('the kubeconfig of the test cluster has another form')
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

/** Starts the controller as a process of this machine, which tests can kill and stop. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { program, kubeconfig, logFile, flags = [] } = options
  const [file, ...first] = program
  const child = execa(
    file,
    [
      ...[...first, 'controller', '--kubeconfig', kubeconfig, '--listen', '127.0.0.1:0'],
      ...['--lease-namespace', NAMESPACE, '--secret-namespace', NAMESPACE, ...flags],
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
  return {
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
}
