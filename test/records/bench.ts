import type { Summary } from '../bench/statistics.js'

/** The subjects that are measured, by their name in the results and rows. */
export const SUBJECTS = {
  true: 'starting /bin/true, which is in every number',
  'init-binary': 'init: the binary with Node.js',
  'init-bun': 'init: the binary with Bun',
  'init-node': 'init: node -e 0',
  'init-jq': 'init: bash and one jq',
  'init-bash': 'init: bash without jq',
  'init-c': 'init: a C program',
  'mount-binary': 'mount + unmount: the binary with Node.js',
  'mount-bun': 'mount + unmount: the binary with Bun',
  'mount-raw': 'mount + unmount: ceph-fuse and umount',
  'mount-jq-each': 'mount + unmount: bash, a jq for each field',
  'mount-jq-once': 'mount + unmount: bash, one jq',
  'mount-own': 'mount + unmount: the binary with Node.js, clientSharing pod',
  'second-binary': 'mount + unmount of a second pod: the binary with Node.js',
  'second-bun': 'mount + unmount of a second pod: the binary with Bun',
  'herd-binary': '20 volumes at once: the binary with Node.js',
  'herd-bun': '20 volumes at once: the binary with Bun',
  'pods-binary': '20 pods of one volume at once: the binary with Node.js',
  'pods-bun': '20 pods of one volume at once: the binary with Bun',
  'herd-raw': '20 at once: ceph-fuse',
} as const

export type SubjectName = keyof typeof SUBJECTS

/** One comparison; without a goal, it is only recorded. */
type Row = {
  what: string
  subject: SubjectName
  base: SubjectName
  goal?: { limit: number; strict?: boolean }
}

const init = { what: '`init`, Node.js', subject: 'init-binary' } as const
const initBun = { what: '`init`, Bun', subject: 'init-bun' } as const
const mount = { what: '`mount` + `unmount`, Node.js', subject: 'mount-binary' } as const
const mountBun = { what: '`mount` + `unmount`, Bun', subject: 'mount-bun' } as const

/** What the bench compares, in this order, and the goals of the project. */
export const ROWS: readonly Row[] = [
  { ...init, base: 'init-node', goal: { limit: 1.1 } },
  { ...init, base: 'init-jq', goal: { limit: 1, strict: true } },
  { ...init, base: 'init-bash' },
  { ...init, base: 'init-c' },
  { ...initBun, base: 'init-node', goal: { limit: 0.5 } },
  { ...initBun, base: 'init-jq', goal: { limit: 1, strict: true } },
  { ...initBun, base: 'init-binary' },
  { ...mount, base: 'mount-raw', goal: { limit: 1.9 } },
  { ...mount, base: 'mount-jq-each', goal: { limit: 0.55 } },
  { ...mount, base: 'mount-jq-once', goal: { limit: 1 } },
  { ...mount, base: 'mount-own', goal: { limit: 1.05 } },
  { ...mountBun, base: 'mount-raw', goal: { limit: 2 } },
  { ...mountBun, base: 'mount-jq-once', goal: { limit: 1 } },
  { ...mountBun, base: 'mount-binary' },
  { what: 'a second pod, Node.js', subject: 'second-binary', base: 'mount-raw', goal: { limit: 0.9 } },
  { what: 'a second pod, Bun', subject: 'second-bun', base: 'mount-raw', goal: { limit: 0.5 } },
  { what: '20 volumes at once, Node.js', subject: 'herd-binary', base: 'herd-raw', goal: { limit: 1.6 } },
  { what: '20 volumes at once, Bun', subject: 'herd-bun', base: 'herd-raw', goal: { limit: 1.6 } },
  {
    what: '20 pods of one volume at once, Node.js',
    subject: 'pods-binary',
    base: 'herd-raw',
    goal: { limit: 1.2 },
  },
  { what: '20 pods of one volume at once, Bun', subject: 'pods-bun', base: 'herd-raw', goal: { limit: 1.2 } },
]

/** The most that 20 pods of one volume may cost, which read the same file: a part of what 20 clients cost. */
export const SHARING_GOALS = { memory: 0.1, reads: 0.2 }

/** 20 pods that read the same file, one after the other: with one client, and with a ceph-fuse for each. */
export type Sharing = {
  fileMiB: number
  memoryMiB: { shared: number; raw: number }
  /** Reading the file: the first pod, and the others in the mean, in milliseconds. */
  sharedReads: { first: number; others: number }
  rawReads: { first: number; others: number }
}

/** Seconds of processor time an hour of `recover --watch` while all is well, and of a shell loop that only looks as often. */
export type Watch = {
  /** Day and processor: it can be measured alone. */
  on: string
  mounts: number
  clients: number
  measuredS: number
  /** With the binary with Node.js, with that with Bun, and of the loop. */
  node: number
  bun: number
  loop: number
}

/** One subject: milliseconds, and the peak memory of its largest process (KiB; separate runs). */
export type Measured = Summary & { peakKiB?: number }

/** The file of the results that the page of benchmarks shows. */
export const RECORDED = 'test/records/results/bench.json'

/** A whole run of the bench. */
export type Results = {
  date: string
  machine: { cpu: string; cores: number; memoryGiB: number; kernel: string; load: number }
  versions: { cephflex: string; node: string; ceph: string; jq: string; bash: string }
  runs: number
  seed: number
  subjects: Partial<Record<SubjectName, Measured>>
  sharing?: Sharing
  watch?: Watch
  ratios: { subject: SubjectName; base: SubjectName; ratio: Summary; met?: boolean }[]
}

/** Whether a ratio meets the goal of its row; undefined without a goal. */
export function meets(ratio: number, goal: Row['goal']): boolean | undefined {
  if (goal === undefined) return undefined
  return goal.strict ? ratio < goal.limit : ratio <= goal.limit
}
