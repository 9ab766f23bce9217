import { parseMonitors } from '../../core/ceph/monitors.js'
import { type CheckResult, isChosen } from '../../core/doctor/check.js'
import { checkCluster } from '../../core/doctor/cluster.js'
import { NODE_CHECKS } from '../../core/doctor/node.js'
import { checkObjects } from '../../core/doctor/objects.js'
import { CephflexError } from '../../core/errors.js'
import { didYouMean } from '../../core/text/nearest.js'
import { printable } from '../../core/text/printable.js'
import type { System } from '../../system/system.js'
import { readVolume, type VolumeArguments } from '../volume/read-volume.js'
import { clientFacts, engineFact, libcFact, programFacts, scopeFact } from './client-facts.js'
import { clockFact } from './clock-fact.js'
import { monitorFacts, volumeFacts } from './cluster-facts.js'
import { directoryFacts } from './directory-facts.js'
import { gatherFacts, type Probes, verdictOf } from './gather-facts.js'
import { kubeletFact, pluginFact } from './kubelet-facts.js'
import { keyringFacts, mountFacts, orphanFacts } from './mount-facts.js'
import { propagationFact } from './propagation-fact.js'

export type DoctorRequest = {
  /** The path of this program. */
  program: string
  configProblem?: string | undefined
  /** A cluster of the node configuration. */
  cluster?: string | undefined
  volume?: VolumeArguments | undefined
  check?: string | undefined
}

const NOT_ROOT: CheckResult = {
  id: 'root',
  status: 'fail',
  message: 'this process is not running as root and cannot inspect the node',
  fix: 'sudo cephflex doctor',
  code: 'ENOTROOT',
}

/**
 * Checks the node, and a cluster if one is named. Changes nothing permanently:
 * mounts a volume where no pod sees it, and unmounts it again.
 *
 * Takes at most about ten seconds. All checks run at once, whatever might hang
 * runs in a child, and a mount is always undone.
 *
 * @throws CephflexError EBADREQUEST, EBADOPTIONS, EBADKEY, EBADCONFIG for a cluster or volume that cannot be read.
 */
export async function examine(system: System, request: DoctorRequest): Promise<CheckResult[]> {
  if (!system.isRoot()) return [NOT_ROOT]
  const [node, cluster] = await Promise.all([nodeChecks(system, request), clusterChecks(system, request)])
  return choose([...node, ...cluster], request.check)
}

async function nodeChecks(system: System, request: DoctorRequest): Promise<CheckResult[]> {
  const facts = await gatherFacts(system, probesOf(system, request))
  return Object.entries(NODE_CHECKS).map(([id, check]) => ({ id, ...verdictOf(check, facts) }))
}

function probesOf(system: System, { program, configProblem }: DoctorRequest): Probes {
  return {
    isRoot: system.isRoot,
    configProblem: () => configProblem,
    clients: () => clientFacts(system),
    programs: () => programFacts(system),
    scope: () => scopeFact(system),
    libc: () => libcFact(system),
    engine: () => engineFact(system),
    clock: () => clockFact(system, program),
    kubelet: () => kubeletFact(system),
    propagation: () => propagationFact(system),
    plugin: () => pluginFact(system, program),
    directories: () => directoryFacts(system),
    keyrings: () => keyringFacts(system),
    mounts: () => mountFacts(system),
    orphans: () => orphanFacts(system),
  }
}

async function clusterChecks(system: System, request: DoctorRequest): Promise<CheckResult[]> {
  const { cluster, volume, program } = request
  if (volume) {
    const { options, findings } = await readVolume(system, volume, program)
    return [...checkObjects(findings), ...checkCluster(await volumeFacts(system, options))]
  }
  return cluster === undefined ? [] : checkCluster(await monitorFacts(system, monitorsOf(system, cluster)))
}

function monitorsOf({ config }: System, name: string) {
  const cluster = Object.hasOwn(config.clusters, name) ? config.clusters[name] : undefined
  if (cluster) return parseMonitors(cluster.monitors).monitors
  const known = Object.keys(config.clusters)
  throw new CephflexError(
    'EBADCONFIG',
    `cluster ${printable(name)} is not configured on this node (known: ${known.join(', ') || 'none'})`,
  )
}

function choose(results: readonly CheckResult[], check: string | undefined): CheckResult[] {
  const chosen = results.filter(({ id }) => isChosen(id, check))
  if (chosen.length > 0) return chosen
  const names = results.map(({ id }) => id)
  throw new CephflexError(
    'EBADREQUEST',
    `there is no check ${printable(check ?? '')}${didYouMean(check ?? '', names)}`,
    {
      hint: `choose one of: ${names.join(', ')}`,
    },
  )
}
