import type { SettingDoc } from '../text/setting-docs.js'
import { DEFAULT_NODE_CONFIG, type NodeConfig } from './node-config.js'

const MEANS: Readonly<Record<keyof NodeConfig, string>> = {
  clusters: 'map of names to `{"monitors": "...", "fsName": "..."}`, so that volumes can use `cluster: NAME`',
  secretDirectories:
    'directories that may contain the `secretFile` of a volume. Empty: `secretFile` is not allowed',
  kubeletRoots:
    "values of the kubelet's `--root-dir` on this node; an installed driver mounts only below their `pods` directories. Empty: below any `pods` directory that only root can write to",
  timeoutSeconds: 'time limit in seconds for unmounting, and for volumes that do not set their own',
  searchPath: 'directories to search for ceph-fuse and mount before the standard ones',
  cephConf:
    '`ceph.conf` with settings for ceph-fuse and mount.ceph on this node. By default they read none: `/etc/ceph/ceph.conf` may have been written for another cluster',
  recovery:
    'keep the key of each mount in memory (mode 0600) until it is unmounted, so that `cephflex recover` can restore it; not needed for volumes with `secretFile`',
  clientSharing:
    '`node`: pods that mount the same volume share one ceph-fuse, for volumes that do not set `clientSharing` themselves; `pod`: each has its own',
  guardLocalDisk:
    'make the directory below each mount immutable (or mode 0000), so that a pod that lost its volume gets errors instead of writing to the local disk',
  runDirectory: 'directory for locks and state, without secrets; also for keyrings if it is a tmpfs',
  logDirectory: 'directory for logs: JSON lines, mode 0600, rotated by size',
}

/** One row for each key of the node's configuration file, for its page and the manual. */
export const NODE_CONFIG_DOCS: readonly SettingDoc[] = (Object.keys(MEANS) as (keyof NodeConfig)[]).map(
  name => ({ name, default: `\`${valueText(DEFAULT_NODE_CONFIG[name])}\``, means: MEANS[name] }),
)

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
