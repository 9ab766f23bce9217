import type { Summary } from '../statistics.js'

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

interface Row {
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

/** Where the results are kept that the README shows. */
export const RECORDED_PROVISION = 'test/bench/provision.json'

export interface Measured {
  volumes: number
  perSecond: number
  /** Milliseconds for one volume, with others made beside it. */
  p50: number
  p99: number
}

/** A whole run. */
export interface ProvisionResults {
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
  }[]
  /** Milliseconds from a PVC to Bound, through the controller and a real API server; see `npm run test:kube`. */
  bound?: { claims: number; p50: number; p99: number }
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
