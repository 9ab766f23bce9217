import type { KubeletFiles, KubeletProcess } from '../../core/kubelet/distributions.js'
import {
  DEFAULT_KUBELET_ROOT,
  isKubelet,
  type KubeletSettings,
  kubeletSettings,
} from '../../core/kubelet/settings.js'
import type { System } from '../../system/system.js'

/** A kubelet that runs. */
export type Kubelet = KubeletSettings & { pid: number }

type NodeFiles = Pick<System, 'files'>

/**
 * The kubelet that runs on a node; of several the one with the lowest pid.
 *
 * @param root the node's root directory as this process sees it; empty for its own node.
 */
export function findKubelet({ files }: NodeFiles, root = ''): Kubelet | undefined {
  const pids = files
    .list(`${root}/proc`)
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
  for (const pid of pids) {
    const process = processAt(files, root, pid)
    if (process && isKubelet(process)) return { pid, ...kubeletSettings(process, filesOf(files, root, pid)) }
  }
  return undefined
}

/** Where the kubelet keeps its pods, as the mount table names it: without symbolic links. */
export function kubeletRoot(system: NodeFiles): string {
  const root = findKubelet(system)?.rootDir ?? DEFAULT_KUBELET_ROOT
  return system.files.realPath(root) ?? root
}

/** The name is read first: most processes are not looked at further. */
function processAt(files: System['files'], root: string, pid: number): KubeletProcess | undefined {
  const name = readable(() => files.read(`${root}/proc/${pid}/comm`))?.trimEnd()
  if (name === undefined) return undefined
  return {
    pid,
    name,
    get argv() {
      return words(files, `${root}/proc/${pid}/cmdline`)
    },
  }
}

/** A kubelet in a container has a root directory of its own; where that may not be entered, the node's has to do. */
function filesOf(files: System['files'], root: string, pid: number): KubeletFiles {
  const process = `${root}/proc/${pid}`
  const places = (path: string) =>
    path.startsWith('/') ? [`${process}/root${path}`, `${root}${path}`] : [`${process}/cwd/${path}`]
  const first = <T>(path: string, look: (place: string) => T | undefined): T | undefined => {
    for (const place of path === '' ? [] : places(path)) {
      const found = readable(() => look(place))
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    read: path => first(path, files.read),
    list: path =>
      first(path, place => {
        const names = files.list(place)
        return names.length > 0 ? names.sort() : undefined
      }) ?? [],
    environment: () =>
      Object.fromEntries(
        words(files, `${process}/environ`).map(word => {
          const [name = ''] = word.split('=', 1)
          return [name, word.slice(name.length + 1)]
        }),
      ),
  }
}

function words(files: System['files'], path: string): string[] {
  const text = (readable(() => files.read(path)) ?? '').replace(/\0$/, '')
  return text === '' ? [] : text.split('\0')
}

/** A file of another process or of another user, or a directory by the name of a file: as good as none. */
function readable<T>(look: () => T | undefined): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
