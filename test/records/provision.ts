import type { Summary } from '../bench/statistics.js'

/** The methods to create a volume that are measured, by their name in the results. */
export const WAYS = {
  directory: 'cephflex, a directory',
  subvolume: 'cephflex, a subvolume',
  'directory-by-command': 'a process for each command: `python3` with libcephfs, `ceph auth`',
  'directory-mounted': 'the same in a mount of the admin: `mkdir`, `setfattr`, `ceph auth`',
  'old-provisioner': "a process for each volume, as external-storage's provisioner",
  'subvolume-by-command': 'a process for each command: `ceph fs subvolume`, `ceph auth`',
} as const

export type Way = keyof typeof WAYS

type Row = {
  way: Way
  base: Way
  /** At least this many times as fast; without it, the row is only recorded. */
  goal?: number
}

/** The comparisons, in this order. */
export const COMPARISONS: readonly Row[] = [
  { way: 'directory', base: 'directory-by-command', goal: 10 },
  { way: 'directory', base: 'directory-mounted' },
  { way: 'directory', base: 'old-provisioner' },
  { way: 'subvolume', base: 'subvolume-by-command', goal: 10 },
]

/** The numbers of existing volumes at which the growth is measured. */
export const SIZES = [10, 100, 300, 1000] as const

/** The same for the run with a user for each volume and for each namespace. */
export const SCALE_SIZES = [10, 100, 1000, 10_000] as const

/** The rate with the most volumes, of that with the fewest, with a user for each namespace. */
export const SCALE_GOAL = 0.9

/** The goals for 200 claims at once, to their PersistentVolumes. */
export const PACE_GOAL = { perSecond: 60, p99: 4000 }

/** The file of the results that the page of benchmarks shows. */
export const RECORDED_PROVISION = 'test/records/results/provision.json'

export type Measured = {
  volumes: number
  perSecond: number
  /** Milliseconds for one volume, while others are being created. */
  p50: number
  p99: number
}

/** From a PVC to Bound, in milliseconds, as a watch saw it. */
export type BoundTimes = {
  claims: number
  /** From the first that was created to the last that was bound. */
  perSecond: number
  p50: number
  p99: number
  /** The part until its PersistentVolume exists: that of this program. */
  madeP50: number
  /** The part from then to Bound: that of Kubernetes. */
  bindingP50: number
  bindingP99: number
}

/** A whole run. */
export type ProvisionResults = {
  date: string
  machine: { cpu: string; cores: number; kernel: string; load: number }
  versions: { cephflex: string; node: string; ceph: string }
  /** Volumes created at once, by each method. */
  atOnce: number
  rounds: number
  seed: number
  ways: Record<Way, Measured>
  /** How many times as fast, of the batches of one round. */
  ratios: { way: Way; base: Way; ratio: Summary; met?: boolean }[]
  /** Volumes per second with this many existing ones. */
  growth: {
    existing: number
    perSecond: number
    /** Milliseconds for one volume, and the part in which the monitor commits its user. */
    p50: number
    commitP50: number
    /** The same for one volume at a time. */
    aloneP50?: number
    aloneCommitP50?: number
    /** Only users, like those of the volumes: the limit of the monitor. */
    usersPerSecond?: number
    /** Users without caps, in a cluster with as many such users and no others. */
    bareUsersPerSecond?: number
  }[]
  /** Through the controller, a real API server and Kubernetes' own controller. */
  bound?: { oneByOne: BoundTimes; atOnce: BoundTimes }
  scale?: ScaleResults
  pace?: PaceResults
}

export type UserPer = 'volume' | 'namespace'

/** What commands and the controller cost while many volumes exist. Memory is that of the process, at most. */
export type ThereResults = {
  userPer: UserPer
  volumes: number
  listSeconds: number
  listMb: number
  importSeconds: number
  importMb: number
  startSeconds: number
  controllerMb: number
}

/** Many volumes, with a user each and with a user for each namespace. */
export type ScaleResults = {
  date: string
  machine: ProvisionResults['machine']
  namespaces: number
  growth: {
    userPer: UserPer
    existing: number
    perSecond: number
    p50: number
    /** Only users, like those of volumes, in the same cluster. */
    usersPerSecond: number
  }[]
  there: ThereResults[]
}

/** Many claims at once, created, then expanded, then deleted: what a watch saw, in milliseconds since all were asked for. */
export type PaceResults = {
  date: string
  machine: ProvisionResults['machine']
  claims: number
  steps: { step: string; perSecond: number; p50: number; p99: number }[]
  /** Milliseconds of processor time for each claim, from its creation to Bound. */
  processors: { name: string; ms: number }[]
  /** Requests that the API server answered meanwhile, for each claim: of every program, and without watches. */
  requests: { name: string; perClaim: number }[]
}

/** How much slower it gets: the rate with the most existing volumes, divided by that with the fewest. 1 is flat. */
export function growthRatio(growth: readonly { existing: number; perSecond: number }[]): number {
  const [first, last] = [growth.at(0), growth.at(-1)]
  if (!first || !last) throw new Error('no growth was measured')
  return last.perSecond / first.perSecond
}

/** Whether the ratio reaches the goal. */
export function meets(ratio: number, goal: number): boolean {
  return ratio >= goal
}
