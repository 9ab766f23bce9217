import { k3sWords, openShiftWords } from './config-file.js'
import { flagValue, flagValues } from './flags.js'
import { variablesIn, wordsOfArgumentsFile, wordsOfUnit } from './words.js'

/** A process. `name` is `comm` of proc(5), at most 15 characters. */
export type KubeletProcess = { pid: number; name: string; argv: readonly string[] }

/** Files as that process sees them. A relative path starts in its working directory. */
export type KubeletFiles = {
  /** The text of a file; undefined if it cannot be read. */
  read: (path: string) => string | undefined
  /** The names in a directory, sorted; empty if it cannot be read. */
  list: (directory: string) => string[]
  /** The environment with which the process was started; empty if it cannot be read. */
  environment: () => Record<string, string>
}

/** One way to start a kubelet. */
export type Distribution = {
  /** Who starts it this way, for people. */
  usedBy: string
  /** Whether this process is a kubelet started this way. */
  isKubelet: (process: KubeletProcess) => boolean
  /** The arguments of the kubelet, even if another program contains it. */
  arguments: (process: KubeletProcess, files: KubeletFiles) => readonly string[]
  /** What makes its executable print the version. Default: `--version`. */
  version?: readonly string[]
}

/** How each distribution starts its kubelet. To support another one, add a row here and its command line to the test. */
export const DISTRIBUTIONS: readonly Distribution[] = [
  {
    usedBy: 'kubeadm, kubespray, RKE, RKE2, k0s, OpenShift 4, GKE, AKS, EKS; on the node or in a container',
    isKubelet: ({ name }) => name === 'kubelet',
    arguments: ({ argv }) => argv,
  },
  {
    usedBy: 'OpenShift 3.9 and older: origin-node, atomic-openshift-node',
    isKubelet: ({ name, argv }) => OPENSHIFT.includes(name) && openShiftRole(argv) !== undefined,
    arguments: openShiftArguments,
    version: ['version'],
  },
  {
    usedBy:
      'hyperkube: OpenShift 3.10 and newer, the first OpenShift 4, kubelets in a container before Kubernetes 1.19',
    isKubelet: ({ name, argv }) => name === 'hyperkube' && argv.includes('kubelet'),
    arguments: ({ argv }) => argv,
    version: ['kubelet', '--version'],
  },
  {
    usedBy: 'k3s',
    isKubelet: ({ name, argv }) =>
      name === 'k3s-server' || name === 'k3s-agent' || (name === 'k3s' && roleOf(argv) !== undefined),
    arguments: k3sArguments,
  },
  {
    usedBy: 'microk8s',
    isKubelet: ({ name }) => name === 'kubelite',
    arguments: microk8sArguments,
  },
]

const OPENSHIFT: readonly string[] = ['openshift', 'origin', 'atomic-openshift', 'atomic-enterpris']
const OPENSHIFT_ROOT = '/var/lib/origin/openshift.local.volumes'

const K3S_CONFIG = '/etc/rancher/k3s/config.yaml'
const K3S_DATA = '/var/lib/rancher/k3s'
const UNITS = '/etc/systemd/system'

/** `start node` is a node, `start` a master with one; `start master` and others run no kubelet. */
function openShiftRole(argv: readonly string[]): 'node' | 'all' | undefined {
  const [word] = argv.slice(argv.indexOf('start') + 1)
  if (!argv.includes('start')) return undefined
  if (word === 'node') return 'node'
  return word === undefined || word.startsWith('-') ? 'all' : undefined
}

/** OpenShift's node has a configuration of its own, which contains arguments of the kubelet. */
function openShiftArguments({ argv }: KubeletProcess, { read }: KubeletFiles): string[] {
  const isNode = openShiftRole(argv) === 'node'
  const config = flagValue(argv, isNode ? 'config' : 'node-config')
  const root = flagValue(argv, 'volume-dir') ?? OPENSHIFT_ROOT
  if (config === undefined) return [`--root-dir=${root}`]
  return [`--root-dir=${root}`, `--config=${config}`, ...openShiftWords(read(config) ?? '')]
}

/**
 * k3s accepts `--kubelet-arg=NAME=VALUE` on its command line and in its
 * configuration files; the command line comes last, so it wins. k3s hides its
 * arguments from ps, which shows only "k3s server". They are then read from
 * the systemd unit that its installer writes.
 */
function k3sArguments({ name, argv }: KubeletProcess, files: KubeletFiles): string[] {
  const role = name === 'k3s-agent' ? 'agent' : (roleOf(argv) ?? 'server')
  const unit = `${UNITS}/${role === 'agent' ? 'k3s-agent' : 'k3s'}.service`
  const isHidden = !argv.some(word => word.startsWith('-'))
  const typed = isHidden ? wordsOfUnit(files.read(unit) ?? '') : argv
  const variables = { ...variablesIn(files.read(`${unit}.env`) ?? ''), ...files.environment() }
  const config = variables['K3S_CONFIG_FILE'] ?? flagValues(typed, 'config', 'c').at(-1) ?? K3S_CONFIG
  const words = [...k3sWords(k3sConfigTexts(config, files)), ...typed]
  const data = flagValues(words, 'data-dir', 'd').at(-1) ?? variables['K3S_DATA_DIR'] ?? K3S_DATA
  return [
    `--config-dir=${data}/agent/etc/kubelet.conf.d`,
    ...flagValues(words, 'kubelet-arg').map(argument => `--${argument}`),
  ]
}

function roleOf(argv: readonly string[]): 'server' | 'agent' | undefined {
  // a hidden command line is a single word: "k3s agent"
  return argv.flatMap(word => word.split(' ')).find(word => word === 'server' || word === 'agent') as
    | 'server'
    | 'agent'
    | undefined
}

function k3sConfigTexts(config: string, { read, list }: KubeletFiles): string[] {
  const dropIns = list(`${config}.d`).filter(name => /\.ya?ml$/.test(name))
  return [config, ...dropIns.map(name => `${config}.d/${name}`)].flatMap(path => read(path) ?? [])
}

/** microk8s keeps the kubelet's arguments in a file, below the directory of a snap revision. */
function microk8sArguments({ argv }: KubeletProcess, { read }: KubeletFiles): string[] {
  const file = flagValue(argv, 'kubelet-args-file') ?? ''
  return wordsOfArgumentsFile(read(file) ?? '', {
    SNAP_COMMON: '/var/snap/microk8s/common',
    SNAP_DATA: '/var/snap/microk8s/current',
    SNAP: '/snap/microk8s/current',
  })
}
