import { DEFAULT_PLUGIN_DIR, driverPath, KNOWN_PLUGIN_DIRS } from '../../core/kubelet/plugin-dirs.js'
import type { System } from '../../system/system.js'
import { findKubelet, type Kubelet } from './find-kubelet.js'

/** The plugin directory of a node's kubelet. */
export type PluginDir = {
  /** As the node sees it. */
  directory: string
  /** How it was found, for people. */
  foundBy: string
  /** The running kubelet. */
  kubelet: Kubelet | undefined
  /** What makes the result uncertain, as messages. */
  notes: string[]
}

/**
 * Finds the plugin directory. It is the first of: what the running kubelet
 * uses; where this program is, if it is an installed driver; a known directory
 * that exists; the default.
 *
 * @param program the path of this program.
 * @param root the node's root directory as this process sees it; empty for its own node.
 */
export function findPluginDir(system: Pick<System, 'files'>, program: string, root = ''): PluginDir {
  const kubelet = findKubelet(system, root)
  const notes = kubelet?.unreadable
    ? [`cannot read ${kubelet.unreadable}, the configuration of the running kubelet (process ${kubelet.pid})`]
    : []
  if (kubelet?.pluginDir) {
    const { path, foundBy } = kubelet.pluginDir
    return { directory: path, foundBy, kubelet, notes }
  }
  const own = root === '' ? driverPath(program)?.pluginDir : undefined
  if (own) return { directory: own, foundBy: 'this program is installed there', kubelet, notes }
  const [known, ...others] = existingPluginDirs(system, root)
  if (!known) return { directory: DEFAULT_PLUGIN_DIR, foundBy: "the kubelet's default", kubelet, notes }
  if (others.length > 0)
    notes.push(
      `${kubelet ? '' : 'no kubelet is running; '}using ${known.path}, but other known directories exist: ` +
        `${others.map(({ path }) => path).join(' ')} (choose one with --plugin-dir)`,
    )
  return { directory: known.path, foundBy: `exists, known from ${known.usedBy}`, kubelet, notes }
}

/** The known plugin directories that exist on a node. */
export function existingPluginDirs({ files }: Pick<System, 'files'>, root = '') {
  return KNOWN_PLUGIN_DIRS.filter(({ path }) => kindBehind(files, `${root}${path}`) === 'directory')
}

/** What exists at a path, after following symbolic links. */
export function kindBehind(files: System['files'], path: string): ReturnType<System['files']['kind']> {
  return files.kind(files.realPath(path) ?? path)
}
