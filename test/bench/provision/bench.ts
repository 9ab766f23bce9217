import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { join } from 'node:path'
import type { ProvisionResults, Way } from '../../records/provision.js'
import { type BoundOptions, measureBound } from './bound.js'
import { openClaimsLab } from './claims-lab.js'
import { measureBareUsers, measureGrowth } from './growth.js'
import { inLab } from './lab.js'
import { type MeasureOptions, measureWays } from './measure.js'
import { cephflex, type Maker, prove, scripts, users, watchCommits } from './ways.js'

const root = join(import.meta.dirname, '../../../..')

export type BenchOptions = MeasureOptions & {
  /** Volumes created through Kubernetes. */
  claims: BoundOptions
  /** Stops it; everything is cleaned up. */
  signal: AbortSignal
}

/**
 * Measures how fast volumes are created, on clusters of its own with a manager.
 *
 * @throws Error as soon as one volume is not created, or not as requested.
 */
export async function benchProvision(options: BenchOptions): Promise<ProvisionResults> {
  const about = describeMachine()
  const measured = await compareWays(options)
  const growth = await grow(options)
  const bound = await bind(options)
  const { atOnce, rounds, seed } = options
  return rounded({ ...about, atOnce, rounds, seed, ...measured, growth, bound })
}

/** The day, the machine and the versions of a run. */
export function describeMachine(): Pick<ProvisionResults, 'date' | 'machine' | 'versions'> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const ceph = execFileSync('ceph-mon', ['--version'], { encoding: 'utf8' })
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      kernel: release(),
      load: loadavg()[0] ?? 0,
    },
    versions: {
      cephflex: version,
      node: process.versions.node,
      ceph: /\d+\.\d+\.\d+/.exec(ceph)?.[0] ?? ceph.trim(),
    },
  }
}

function compareWays(options: BenchOptions) {
  return inLab(async lab => {
    const directory = await lab.open('directory', '/volumes/directories')
    const subvolume = await lab.open('subvolume', '/volumes/subvolumes')
    const byProcesses = scripts(lab)
    const makers = {
      directory: cephflex('directory', directory),
      subvolume: cephflex('subvolume', subvolume),
      ...byProcesses,
    }
    const measured = await measureWays(stoppable(makers, options.signal), options)
    for (const way of Object.keys(byProcesses) as Way[]) await prove(lab, directory, way)
    return measured
  })
}

/** In clusters of their own: the users of other volumes would affect the results. */
async function grow(options: BenchOptions): Promise<ProvisionResults['growth']> {
  const growth = await growVolumes(options)
  const bare = await growBareUsers(options)
  return growth.map((each, i) => ({ ...each, bareUsersPerSecond: bare[i] ?? 0 }))
}

function growVolumes({ atOnce, signal }: BenchOptions) {
  return inLab(async lab => {
    const commits: number[] = []
    const provisioner = await lab.open('directory', '/volumes/growth')
    const volume = cephflex('directory', watchCommits(provisioner, commits))
    const makers = stoppable({ volume, ...users(provisioner) }, signal)
    return measureGrowth({ ...makers, commits }, atOnce)
  })
}

function growBareUsers({ atOnce, signal }: BenchOptions) {
  return inLab(async lab => {
    const { bareUser } = stoppable(users(await lab.open('directory', '/volumes/none')), signal)
    return measureBareUsers(bareUser, atOnce)
  })
}

/** Starts nothing more when the signal is aborted; started work ends by itself. */
function stoppable<K extends string>(makers: Record<K, Maker>, signal: AbortSignal) {
  return Object.fromEntries(
    Object.entries<Maker>(makers).map(([name, make]) => [
      name,
      async (number: number) => {
        signal.throwIfAborted()
        await make(number)
      },
    ]),
  ) as Record<K, Maker>
}

/** Through Kubernetes, in clusters of its own. */
function bind({ claims, signal }: BenchOptions) {
  return inLab(async lab => {
    const claimsLab = await openClaimsLab(lab)
    try {
      const measured = await Promise.race([measureBound(claimsLab, claims), rejected(signal)])
      await claimsLab.prove()
      return measured
    } finally {
      await claimsLab.close()
    }
  })
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, fail) => {
    const abort = () => fail(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

/** Numbers with two digits after the point. */
export function rounded<T>(results: T): T {
  return JSON.parse(
    JSON.stringify(results, (_, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value)),
  )
}
