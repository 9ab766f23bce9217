import type { Client } from '../mounters/index.js'
import { restartAdvice } from '../recover/recovery.js'
import { podVolumeOf } from '../target/pod-volume.js'
import type { MountHealth, OurMount } from './inventory.js'

/** One mount as `cephflex status` shows it, in bytes and seconds; undefined where unknown. */
export type MountStatus = {
  target: string
  namespace?: string | undefined
  pod?: string | undefined
  uid?: string | undefined
  volume?: string | undefined
  path?: string | undefined
  client: Client
  pid?: number | undefined
  /** How many targets on this node its client serves; 0 for a client that none has. */
  targets?: number | undefined
  /** The memory that its client uses, if that is a process. */
  memoryBytes?: number | undefined
  ageS?: number | undefined
  sizeBytes?: number | undefined
  usedBytes?: number | undefined
  /** `gone`: this driver mounted it, and it is no longer mounted. `unknown`: its client may run where it is not seen. */
  health: MountHealth | 'gone' | 'unknown'
  /** Whether `recover` can mount a lost volume again. */
  recoverable?: boolean | undefined
  /** Whether its client is a process that is stopped (SIGSTOP). */
  stopped?: boolean | undefined
  /** Whether its pod has run and no process of it is found: if the pod is in Terminating, the kubelet waits for this mount. */
  podEnded?: boolean | undefined
  lastError?: string | undefined
  /** The containers of its pod that see a lost mount instead of this one, and must be restarted. Empty names: unknown. */
  restartNeeded?: readonly string[] | undefined
  /** Commands that detach what the kubelet has bound of a lost mount: it may keep a container from starting. */
  detachCommands?: readonly string[] | undefined
}

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P', 'E']

/** The columns of the table; {@link statusCells} fills one line. */
export const STATUS_HEAD = [
  'HEALTH',
  'NAMESPACE',
  'POD',
  'VOLUME',
  'CLIENT',
  'PID',
  'PODS',
  'MEMORY',
  'AGE',
  'SIZE',
  'USED',
  'TARGET',
] as const

const DELETE_POD =
  'the client is gone and the key was not kept: delete the pod. With "recovery": true in /etc/cephflex/config.json, "cephflex recover" mounts a lost volume again'

/** The status of one mount, from its state and from what was found on the node (`seen`). */
export function statusOf(
  { target, client, state }: OurMount,
  seen: Pick<MountStatus, 'health'> & Partial<MountStatus>,
  nowMs: number,
): MountStatus {
  const fromPath = podVolumeOf(target)
  const { namespace, name, uid = fromPath?.uid, volume = fromPath?.volume } = state?.pod ?? {}
  const mountedMs = Date.parse(state?.mountedAt ?? '')
  return {
    target,
    namespace,
    pod: name,
    uid,
    volume,
    path: state?.volume.path,
    client,
    pid: state?.process?.pid,
    ageS: Number.isNaN(mountedMs) ? undefined : Math.max(0, Math.round((nowMs - mountedMs) / 1000)),
    ...seen,
  }
}

/** What to know and do about a mount, each on a line of its own below that of the table. */
export function statusNotes({ namespace, pod, uid, lastError, ...mount }: MountStatus): string[] {
  const { restartNeeded = [], detachCommands = [], recoverable, target } = mount
  const named = { namespace, ...(pod === undefined ? {} : { name: pod }), uid }
  return [
    ...(lastError ? [`last error: ${lastError}`] : []),
    ...(mount.stopped ? [stoppedNote(mount)] : []),
    ...(mount.podEnded
      ? [`no process of its pod is found: if the pod is in Terminating, run: cephflex unmount ${target}`]
      : []),
    ...(recoverable === true ? ['the client is gone: "cephflex recover" mounts the volume again'] : []),
    ...(recoverable === false ? [DELETE_POD] : []),
    ...(restartNeeded.length > 0 ? [restartAdvice(named, restartNeeded.filter(Boolean))] : []),
    ...(detachCommands.length > 0
      ? [
          'run "cephflex recover": a bind of a lost mount is left for a subPath; if its container still does not start:',
          ...detachCommands,
        ]
      : []),
  ]
}

function stoppedNote({ pid, health }: Pick<MountStatus, 'pid' | 'health'>): string {
  return health === 'gone'
    ? `its client, process ${pid}, is stopped and has lost its mount: "cephflex reap" lets it end`
    : `its client, process ${pid}, is stopped: kill -CONT ${pid}`
}

/** The cells of one line of the table. */
export function statusCells(mount: MountStatus): string[] {
  return [
    mount.health,
    mount.namespace ?? '-',
    mount.pod ?? mount.uid ?? '-',
    mount.volume ?? '-',
    mount.client,
    mount.pid?.toString() ?? '-',
    mount.targets?.toString() ?? '-',
    humanBytes(mount.memoryBytes),
    humanAge(mount.ageS),
    humanBytes(mount.sizeBytes),
    humanBytes(mount.usedBytes),
    mount.target,
  ]
}

/** Bytes as `df -h` prints them: `1.5G`. */
export function humanBytes(bytes: number | undefined): string {
  if (bytes === undefined) return '-'
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${value >= 10 || power === 0 ? Math.round(value) : value.toFixed(1)}${UNITS[power]}`
}

/** Seconds as kubectl prints them: `5d`, `3h`, `12m`, `7s`. */
export function humanAge(seconds: number | undefined): string {
  if (seconds === undefined) return '-'
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const)
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)}${unit}`
  return `${seconds}s`
}
