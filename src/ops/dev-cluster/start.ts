import { delimiter } from 'node:path'
import { checkPackages } from '../../core/dev-cluster/packages.js'
import { type ClusterOptions, type ClusterSpec, DEFAULT_OPTIONS } from '../../core/dev-cluster/spec.js'
import { files } from '../../system/files.js'
import { TOOL_PATH } from '../../system/programs.js'
import { boot } from './boot.js'
import { claimDirectory, writeClusterFiles } from './make.js'
import { dismantle } from './stop.js'
import { supervised } from './supervise.js'

/** Up in half a second; bluestore on a slow disk needs several. */
const START_LIMIT_MS = 60_000

export type StartOptions = Partial<ClusterOptions> & {
  /** Ends the start; all that was made is removed. */
  signal?: AbortSignal
  /** Told after each phase. @param ms since the start. */
  onPhase?: (phase: string, ms: number) => void
  /** Directories joined by colons that must hold the Ceph programs. */
  searchPath?: string
}

/**
 * Starts a Ceph cluster of one node in a directory of its own, on loopback and
 * ports of its own; several can run at once. Returns when CephFS is active.
 *
 * If it fails or is interrupted, nothing that it made is left.
 *
 * @param directory new or empty; made with mode 0700.
 * @throws CephflexError EPACKAGE, ECLUSTER (with the last lines of what failed), EINTERRUPTED.
 */
export async function startDevCluster(
  directory: string,
  { signal, onPhase, searchPath = TOOL_PATH, ...options }: StartOptions = {},
): Promise<ClusterSpec> {
  const begin = performance.now()
  const phase = (name: string) => onPhase?.(name, Math.round(performance.now() - begin))
  const wanted = { ...DEFAULT_OPTIONS, ...options }
  checkPackages(wanted, isInstalledIn(searchPath))
  const { spec, undo: removeFiles } = await claimDirectory(directory, wanted)
  const undo = async () => {
    await dismantle(spec)
    await removeFiles()
  }
  await supervised({ outer: signal, limitMs: START_LIMIT_MS, undo }, async guard => {
    await writeClusterFiles(spec)
    phase('configuration')
    await boot(spec, guard, phase)
  })
  return spec
}

function isInstalledIn(searchPath: string) {
  return (program: string) =>
    searchPath.split(delimiter).some(directory => files.isExecutable(`${directory}/${program}`))
}
