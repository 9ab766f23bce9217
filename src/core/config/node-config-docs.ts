import type { SettingDoc } from '../text/setting-docs.js'
import { DEFAULT_NODE_CONFIG, type NodeConfig } from './node-config.js'

const MEANS: Readonly<Record<keyof NodeConfig, string>> = {
  clusters: 'name to `{"monitors": "...", "fsName": "..."}`, so that a volume can say `cluster: NAME`',
  secretDirectories: 'where the `secretFile` of a volume may lie; none: it may not be used',
  kubeletRoots:
    "the `--root-dir` of this node's kubelet; an installed driver then mounts below their `pods` only. Empty: below any directory `pods` that only root can write",
  timeoutSeconds: 'for volumes that do not say it, and for unmounting',
  searchPath: 'directories to look for ceph-fuse and mount in, before the standard ones',
  recovery:
    'keep the key of each mount in memory (mode 0600) until it is unmounted, so that `cephflex recover` can mount it again; not needed for volumes with `secretFile`',
  guardLocalDisk:
    'make the directory below each mount immutable (or mode 0000), so that a pod that lost its volume gets errors instead of writing to the disk of the node',
  runDirectory: 'locks and state, without secrets; keyrings are beside them if it is a tmpfs',
  logDirectory: 'JSON lines, mode 0600, rotated by size',
}

/** One row for each key of the node's configuration file, for README and manual. */
export const NODE_CONFIG_DOCS: readonly SettingDoc[] = (Object.keys(MEANS) as (keyof NodeConfig)[]).map(
  name => ({ name, default: `\`${shown(DEFAULT_NODE_CONFIG[name])}\``, means: MEANS[name] }),
)

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
