import {
  type Results,
  ROWS,
  SHARING_GOALS,
  type Sharing,
  SUBJECTS,
  type SubjectName,
  type Watch,
} from './bench.js'
import { alignedRows, markdownTable } from './table.js'

/** The table of the page of benchmarks, with the machine under it. */
export function markdown(results: Results): string {
  const { machine, versions, runs, seed, date } = results
  return [
    `${markdownTable(comparison(results))}\n`,
    ...(results.sharing ? [`${markdownTable(sharingRows(results.sharing))}\n`] : []),
    ...(results.watch ? [`${markdownTable(watchRows(results.watch))}\n`] : []),
    `Each ratio compares two times of the same round; shown is the median of ${runs} rounds in shuffled order (seed ${seed}).`,
    'MiB: peak memory of the largest process, of both sides.',
    `Measured on ${date}: ${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Ceph ${versions.ceph} on loopback,`,
    `cephflex ${versions.cephflex} on Node ${versions.node}, jq ${versions.jq}, bash ${versions.bash}; load ${machine.load}.`,
  ].join('\n')
}

/** All measurements, for a terminal. */
export function plain(results: Results): string {
  const rows = Object.entries(results.subjects).map(([name, measured]) => [
    SUBJECTS[name as SubjectName],
    ms(measured.median),
    `${ms(measured.q1)}-${ms(measured.q3)}`,
    mib(measured.peakKiB),
  ])
  const measured = alignedRows([['', 'median ms', 'middle half', 'peak MiB'], ...rows])
  const sharing = results.sharing ? `\n${alignedRows(sharingRows(results.sharing))}\n` : ''
  const watch = results.watch ? `\n${alignedRows(watchRows(results.watch))}\n` : ''
  return `${measured}\n\n${alignedRows(comparison(results))}\n${sharing}${watch}`
}

/** Descriptions of the subjects that the binary is compared with; versions come from the results. */
const BASES: Partial<Record<SubjectName, (versions: Results['versions']) => string>> = {
  'init-node': ({ node }) => `\`node -e 0\`, Node ${node}, which is inside the binary`,
  'init-binary': () => 'the binary with Node.js',
  'mount-binary': () => 'the binary with Node.js',
  'init-jq': ({ jq }) => `a bash driver that makes its reply with one jq ${jq}`,
  'init-bash': () => 'a bash driver that only prints its reply',
  'init-c': () => 'a C program that prints the reply',
  'mount-raw': () => '`ceph-fuse` + `umount` by hand',
  'mount-jq-each': ({ jq }) => `a bash driver, a jq ${jq} for each field`,
  'mount-jq-once': ({ jq }) => `a bash driver, one jq ${jq}`,
  'mount-own': () => 'the same with `clientSharing: pod`',
  'herd-raw': () => '20 `ceph-fuse` at once',
}

/** What 20 pods of one volume cost that read the same file, beside 20 clients. */
function sharingRows({ fileMiB, memoryMiB, sharedReads, rawReads }: Sharing): string[][] {
  const memory = memoryMiB.shared / memoryMiB.raw
  const reads = sharedReads.others / sharedReads.first
  return [
    [`20 pods of one volume, which read ${fileMiB} MiB`, 'one client', '20 `ceph-fuse`', 'ratio', 'goal'],
    [
      'memory of the clients, MiB',
      ms(memoryMiB.shared),
      ms(memoryMiB.raw),
      memory.toFixed(2),
      limitText(memory, SHARING_GOALS.memory),
    ],
    [
      'a read after the first, against the first, ms',
      `${ms(sharedReads.others)} : ${ms(sharedReads.first)}`,
      `${ms(rawReads.others)} : ${ms(rawReads.first)}`,
      reads.toFixed(2),
      limitText(reads, SHARING_GOALS.reads),
    ],
  ]
}

/** What the watch for dead clients costs, beside a loop that only reads the mount table. */
function watchRows({ on, mounts, clients, measuredS, node, bun, loop }: Watch): string[][] {
  const ratio = (seconds: number) => (loop > 0 ? (seconds / loop).toFixed(2) : '-')
  const row = (what: string, seconds: number) => [what, ms(seconds), ratio(seconds)]
  return [
    [
      `${mounts} mounts of ${clients} clients, all well, for ${measuredS} s (${on})`,
      'processor time an hour, s',
      'ratio to the loop',
    ],
    row('`recover --watch --reap --metrics`, Bun', bun),
    row('`recover --watch --reap --metrics`, Node.js', node),
    row('a shell that runs `cat /proc/self/mountinfo` every 3 s', loop),
  ]
}

function limitText(ratio: number, limit: number): string {
  return `<= ${limit}: ${ratio <= limit ? 'met' : '**not met**'}`
}

/** Head and rows of the comparison, as cells. */
function comparison(results: Results): string[][] {
  const head = ['call', 'compared with', 'ratio', 'middle half', 'ms', 'ms of the other', 'MiB', 'goal']
  const rows = ROWS.flatMap(row => {
    const found = results.ratios.find(({ subject, base }) => subject === row.subject && base === row.base)
    const [own, other] = [results.subjects[row.subject], results.subjects[row.base]]
    if (!found || !own || !other) return []
    const { median, q1, q3 } = found.ratio
    return [
      [
        row.what,
        BASES[row.base]?.(results.versions) ?? row.base,
        median.toFixed(2),
        `${q1.toFixed(2)}-${q3.toFixed(2)}`,
        ms(own.median),
        ms(other.median),
        [mib(own.peakKiB), mib(other.peakKiB)].filter(Boolean).join(' : '),
        goalText(row, found.met),
      ],
    ]
  })
  return [head, ...rows]
}

function ms(value: number) {
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

function mib(kib: number | undefined) {
  return kib === undefined ? '' : (kib / 1024).toFixed(0)
}

function goalText(row: (typeof ROWS)[number], met: boolean | undefined): string {
  if (!row.goal) return 'for the record'
  return `${row.goal.strict ? '<' : '<='} ${row.goal.limit}: ${met ? 'met' : '**not met**'}`
}
