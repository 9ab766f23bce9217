import type { KubeletFiles, KubeletProcess } from '../../core/kubelet/distributions.js'
import {
  DEFAULT_KUBELET_ROOT,
  isKubelet,
  type KubeletSettings,
  kubeletSettings,
  versionArguments,
} from '../../core/kubelet/settings.js'
import type { System } from '../../system/system.js'

/** A running kubelet. */
export type Kubelet = KubeletSettings & { pid: number; versionArguments: readonly string[] }

type NodeFiles = Pick<System, 'files'>

/**
 * The running kubelet of a node; of several, the one with the lowest pid; undefined if there is none.
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
    if (process && isKubelet(process))
      return {
        pid,
        versionArguments: versionArguments(process),
        ...kubeletSettings(process, filesOf(files, root, pid)),
      }
  }
  return undefined
}

/** The kubelet's root directory as the mount table shows it, with symbolic links resolved. */
export function kubeletRoot(system: NodeFiles): string {
  const root = findKubelet(system)?.rootDir ?? DEFAULT_KUBELET_ROOT
  return system.files.realPath(root) ?? root
}

/** Reads only the name at first: it rules out most processes. */
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

/** A kubelet in a container has its own root directory. Where that is not accessible, the node's is used. */
function filesOf(files: System['files'], root: string, pid: number): KubeletFiles {
  const process = `${root}/proc/${pid}`
  const places = (path: string) =>
    path.startsWith('/') ? [`${process}/root${path}`, `${root}${path}`] : [`${process}/cwd/${path}`]
  const first = <T>(path: string, attempt: (place: string) => T | undefined): T | undefined => {
    for (const place of path === '' ? [] : places(path)) {
      const found = readable(() => attempt(place))
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

/** Undefined for what cannot be read: the process ended, the user may not read it, or it is a directory. */
function readable<T>(attempt: () => T | undefined): T | undefined {
  try {
    return attempt()
  } catch {
    return undefined
  }
}
