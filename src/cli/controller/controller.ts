import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { CephflexError } from '../../core/errors.js'
import { POD_NAMESPACE_FILE, parseKubeconfig, podAccess } from '../../core/kubernetes/kubeconfig.js'
import { DRIVER } from '../../core/provision/kubernetes.js'
import { files } from '../../system/files.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'

type Flags = {
  kubeconfig?: string
  provisioner: string[]
  driver: string
  secretNamespace?: string
  leaseNamespace?: string
  leaseName: string
  leaseSeconds: number
  workers: number
  listen: { host?: string; port: number }
}

const PROVISIONER = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\/[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/

/** `cephflex controller`: creates volumes for the claims of a StorageClass. Runs until it is stopped. */
export function controller(io: CommandIo): Command {
  return new Command('controller')
    .description('create, expand and delete volumes for the claims of a StorageClass; runs until stopped')
    .option(
      '--kubeconfig <file>',
      'kubeconfig for the Kubernetes API (default: the ServiceAccount of the pod)',
    )
    .addOption(
      new Option('--provisioner <name>', 'serve StorageClasses with this provisioner; can be repeated')
        .argParser(provisionerName)
        .default(undefined, `"${DRIVER}"`),
    )
    .option('--driver <vendor/name>', 'name under which the driver is installed on the nodes', DRIVER)
    .option(
      '--secret-namespace <ns>',
      'namespace for the Secrets of all volumes (default: the namespace of each claim)',
    )
    .option(
      '--lease-namespace <ns>',
      'namespace of the Lease for leader election (default: the namespace of the controller)',
    )
    .option('--lease-name <name>', 'name of the Lease', 'cephflex-controller')
    .addOption(
      new Option('--lease-seconds <n>', 'seconds without renewal before another replica takes over')
        .argParser(wholeNumber(3, 600))
        .default(15),
    )
    .addOption(
      new Option('--workers <n>', 'number of claims processed at the same time')
        .argParser(wholeNumber(1, 64))
        .default(8),
    )
    .addOption(
      new Option('--listen <[host:]port>', 'address of /healthz, /readyz and /metrics')
        .argParser(address)
        .default({ port: 8080 }, '8080'),
    )
    .action((flags: Omit<Flags, 'provisioner'> & { provisioner?: string[] }) =>
      start(io, { ...flags, provisioner: flags.provisioner ?? [DRIVER] }),
    )
}

function provisionerName(text: string, earlier: string[] | undefined): string[] {
  if (!PROVISIONER.test(text)) throw new InvalidArgumentError('It must be DOMAIN/NAME, as in a StorageClass.')
  return [...(earlier ?? []), text]
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`)
  }
}

function address(text: string): Flags['listen'] {
  const [, host = '', port = ''] = /^(?:\[?([^[\]]*)\]?:)?(\d{1,5})$/.exec(text) ?? []
  if (port === '' || Number(port) > 65535) throw new InvalidArgumentError('It must be PORT or HOST:PORT.')
  return { port: Number(port), ...(host && { host }) }
}

async function start(io: CommandIo, flags: Flags): Promise<void> {
  const [{ runController }, { kubeClient }, { realSystem }, { readNodeConfig }] = await Promise.all([
    import('../../ops/controller/controller.js'),
    import('../../system/kubernetes/client.js'),
    import('../../system/system.js'),
    import('../../ops/config/read-node-config.js'),
  ])
  const access = readAccess(flags.kubeconfig)
  const system = realSystem(await readNodeConfig(), { call: 'controller', pid: process.pid })
  const me = `${hostname()}_${process.pid}_${Date.now().toString(36)}`
  const log = (event: string, fields: Record<string, unknown>) =>
    io.out(JSON.stringify({ time: new Date().toISOString(), event, ...fields }))
  const { leaseName: name, leaseSeconds: seconds, leaseNamespace: namespace = access.namespace } = flags
  const { driver, secretNamespace, workers, listen } = flags
  const provisioners = flags.provisioner
  await interruptible(signal =>
    runController(
      {
        settings: { provisioners, driver, secretNamespace },
        lease: { namespace, name, me, seconds },
        workers,
        listen,
        log,
      },
      kubeClient(access),
      system,
      signal,
    ),
  )
}

function readAccess(path: string | undefined) {
  if (path === undefined) return podAccess(process.env, files.read(POD_NAMESPACE_FILE))
  const text = files.readStream(path)
  if (text === undefined)
    throw new CephflexError('EUSAGE', `${path} does not exist`, {
      hint: 'pass a kubeconfig with --kubeconfig',
    })
  return parseKubeconfig(text, dirname(resolve(path)))
}
