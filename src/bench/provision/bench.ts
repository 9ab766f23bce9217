import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { join } from 'node:path'
import { openProvisionLab, type ProvisionLab } from './lab.js'
import { type MeasureOptions, measureGrowth, measureWays } from './measure.js'
import type { ProvisionResults, Way } from './results.js'
import { cephflex, prove, scripts, watchCommits } from './ways.js'

const root = join(import.meta.dirname, '../../../..')

function describeMachine(): Pick<ProvisionResults, 'date' | 'machine' | 'versions'> {
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

const rounded = (results: ProvisionResults): ProvisionResults =>
  JSON.parse(
    JSON.stringify(results, (_, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value)),
  )

const inLab = async <T>(work: (lab: ProvisionLab) => Promise<T>): Promise<T> => {
  const lab = await openProvisionLab()
  try {
    return await work(lab)
  } finally {
    await lab.close()
  }
}

const compareWays = (options: MeasureOptions) =>
  inLab(async lab => {
    const directory = await lab.open('directory', '/volumes/directories')
    const subvolume = await lab.open('subvolume', '/volumes/subvolumes')
    const byProcesses = scripts(lab)
    const makers = {
      directory: cephflex('directory', directory),
      subvolume: cephflex('subvolume', subvolume),
      ...byProcesses,
    }
    const measured = await measureWays(makers, options)
    for (const way of Object.keys(byProcesses) as Way[]) await prove(lab, directory, way)
    return measured
  })

/** In a cluster of its own: the users of other volumes would count as well. */
const grow = (atOnce: number) =>
  inLab(async lab => {
    const commits: number[] = []
    const provisioner = watchCommits(await lab.open('directory', '/volumes/growth'), commits)
    return measureGrowth(cephflex('directory', provisioner), atOnce, commits)
  })

/**
 * Measures how fast volumes are made, on clusters of its own with a manager.
 *
 * @throws Error as soon as one volume is not made, or is not what was asked for.
 */
export async function benchProvision(options: MeasureOptions): Promise<ProvisionResults> {
  const about = describeMachine()
  const measured = await compareWays(options)
  const growth = await grow(options.atOnce)
  const { atOnce, rounds, seed } = options
  return rounded({ ...about, atOnce, rounds, seed, ...measured, growth })
}
