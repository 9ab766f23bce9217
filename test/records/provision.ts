import type { Summary } from '../bench/statistics.js'

/** The ways to make a volume that are measured, by the name under which the results speak of them. */
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
  /** Times as fast, at least; without it the row is only for the record. */
  goal?: number
}

/** What is compared, in this order. */
export const COMPARISONS: readonly Row[] = [
  { way: 'directory', base: 'directory-by-command', goal: 10 },
  { way: 'directory', base: 'directory-mounted' },
  { way: 'directory', base: 'old-provisioner' },
  { way: 'subvolume', base: 'subvolume-by-command', goal: 10 },
]

/** How many volumes are there already when the growth is measured. */
export const SIZES = [10, 100, 300, 1000] as const

/** Where the results are kept that the page of benchmarks shows. */
export const RECORDED_PROVISION = 'test/records/results/provision.json'

export type Measured = {
  volumes: number
  perSecond: number
  /** Milliseconds for one volume, with others made beside it. */
  p50: number
  p99: number
}

/** From a PVC to Bound, in milliseconds, as a watch saw it. */
export type BoundTimes = {
  claims: number
  /** From the first that was made to the last that was bound. */
  perSecond: number
  p50: number
  p99: number
  /** Of it, until its PersistentVolume is there: this program's part. */
  madeP50: number
  /** And from then to Bound: the part of Kubernetes. */
  bindingP50: number
  bindingP99: number
}

/** A whole run. */
export type ProvisionResults = {
  date: string
  machine: { cpu: string; cores: number; kernel: string; load: number }
  versions: { cephflex: string; node: string; ceph: string }
  /** Volumes made at once, by each way. */
  atOnce: number
  rounds: number
  seed: number
  ways: Record<Way, Measured>
  /** How many times as fast, of the batches of one round. */
  ratios: { way: Way; base: Way; ratio: Summary; met?: boolean }[]
  /** Volumes per second with so many there already. */
  growth: {
    existing: number
    perSecond: number
    /** Milliseconds for one volume, and of these for the monitor to commit its user. */
    p50: number
    commitP50: number
    /** The same of one volume at a time. */
    aloneP50?: number
    aloneCommitP50?: number
    /** Users like those of the volumes, and nothing else: what the monitor can do. */
    usersPerSecond?: number
    /** Users without caps, in a cluster that has as many of them and no others. */
    bareUsersPerSecond?: number
  }[]
  /** Through the controller, a real API server and Kubernetes' own controller. */
  bound?: { oneByOne: BoundTimes; atOnce: BoundTimes }
}

/** How much slower it gets: volumes per second with the most there, over those with the fewest. 1 is flat. */
export function growthRatio(growth: ProvisionResults['growth']): number {
  const [first, last] = [growth.at(0), growth.at(-1)]
  if (!first || !last) throw new Error('no growth was measured')
  return last.perSecond / first.perSecond
}

/** Whether it is as many times as fast as the goal says. */
export function meets(ratio: number, goal: number): boolean {
  return ratio >= goal
}
