import { parseMonitors } from '../../core/ceph/monitors.js'
import { type CheckResult, isChosen, isRefusal, skip, type Verdict } from '../../core/doctor/check.js'
import { checkCluster } from '../../core/doctor/cluster.js'
import { NODE_CHECKS } from '../../core/doctor/node.js'
import type { NodeFacts } from '../../core/doctor/node-facts.js'
import { checkObjects } from '../../core/doctor/objects.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { didYouMean } from '../../core/text/nearest.js'
import { maskKeys, printable } from '../../core/text/printable.js'
import { errno } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { readVolume, type VolumeArguments } from '../volume/read-volume.js'
import { clientFacts, engineFact, libcFact, programFacts, scopeFact } from './client-facts.js'
import { clockFact } from './clock-fact.js'
import { monitorFacts, volumeFacts } from './cluster-facts.js'
import { directoryFacts } from './directory-facts.js'
import { kubeletFact, pluginFact } from './kubelet-facts.js'
import { keyringFacts, mountFacts, orphanFacts } from './mount-facts.js'
import { propagationFact } from './propagation-fact.js'

/** For each fact. Facts have shorter limits of their own; this one catches the unexpected. */
const BUDGET_MS = 10_000

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
  const facts = await gather(system, probesOf(system, request))
  return Object.entries(NODE_CHECKS).map(([id, check]) => ({ id, ...verdictOf(check, facts) }))
}

type Probes = { [K in keyof NodeFacts]: () => NodeFacts[K] | Promise<NodeFacts[K]> }

/** Collects all facts at once. A missing fact throws only when it is read. */
async function gather(system: System, probes: Probes): Promise<NodeFacts> {
  const facts = {}
  await Promise.all(
    Object.entries(probes).map(async ([name, probe]) => {
      let get: () => unknown
      try {
        const value = await within((async () => probe())(), BUDGET_MS)
        get = () => value
      } catch (error) {
        const unknown = unknownFact(error)
        system.log('unknown', { fact: name, reason: unknown.message, ...stackOf(error) })
        get = () => {
          throw unknown
        }
      }
      Object.defineProperty(facts, name, { enumerable: true, get })
    }),
  )
  return facts as NodeFacts
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnknownFactError(`no answer within ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}

function unknownFact(error: unknown): UnknownFactError {
  if (error instanceof UnknownFactError) return error
  const code = errno(error)
  return isRefusal(code)
    ? new UnknownFactError(`this process may not look (${code}): run doctor on the node`, true)
    : new UnknownFactError(toCephflexError(error).message)
}

/** The stack of an unexpected error: the message has none of its text. */
function stackOf(error: unknown): { stack?: string } {
  const isExpected = error instanceof CephflexError || error instanceof UnknownFactError
  return error instanceof Error && !isExpected ? { stack: maskKeys(error.stack ?? '') } : {}
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

function verdictOf(check: (facts: NodeFacts) => Verdict, facts: NodeFacts): Verdict {
  try {
    return check(facts)
  } catch (error) {
    if (!(error instanceof UnknownFactError)) throw error
    if (error.isRefused) return skip(`unknown: ${error.message}`)
    return { status: 'warn', message: `unknown: ${error.message}`, fix: 'cephflex logs; then try again' }
  }
}

/** Why a fact is missing; thrown in the check that reads it. */
class UnknownFactError extends Error {
  /** Whether this process may not look, which says nothing about the node. */
  readonly isRefused: boolean

  constructor(message: string, isRefused = false) {
    super(message)
    this.isRefused = isRefused
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
