import { delimiter } from 'node:path'
import { checkPackages } from '../../core/dev-cluster/packages.js'
import { type ClusterOptions, type ClusterSpec, DEFAULT_OPTIONS } from '../../core/dev-cluster/spec.js'
import { files } from '../../system/files.js'
import { TOOL_PATH } from '../../system/programs.js'
import { boot } from './boot.js'
import { claimDirectory, writeClusterFiles } from './make.js'
import { dismantle } from './stop.js'
import { supervised } from './supervise.js'

/** A start takes half a second; with bluestore on a slow disk, several. */
const START_LIMIT_MS = 60_000

export type StartOptions = Partial<ClusterOptions> & {
  /** Aborts the start and removes everything that it created. */
  signal?: AbortSignal
  /** Called after each phase. @param ms since the start. */
  onPhase?: (phase: string, ms: number) => void
  /** Directories joined by colons that must contain the Ceph programs. */
  searchPath?: string
}

/**
 * Starts a single-node Ceph cluster in its own directory, on loopback and its
 * own ports. Several can run at once. Returns when CephFS is active.
 *
 * Leaves nothing behind if it fails or is interrupted.
 *
 * @param directory new or empty; created with mode 0700.
 * @throws CephflexError EPACKAGE, ECLUSTER (with the last lines of what failed), EINTERRUPTED.
 */
export async function startDevCluster(
  directory: string,
  { signal, onPhase, searchPath = TOOL_PATH, ...options }: StartOptions = {},
): Promise<ClusterSpec> {
  const startMs = performance.now()
  const phase = (name: string) => onPhase?.(name, Math.round(performance.now() - startMs))
  const fullOptions = { ...DEFAULT_OPTIONS, ...options }
  checkPackages(fullOptions, isInstalledIn(searchPath))
  const { spec, undo: removeFiles } = await claimDirectory(directory, fullOptions)
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
