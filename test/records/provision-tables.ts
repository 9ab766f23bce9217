import {
  type BoundTimes,
  COMPARISONS,
  growthRatio,
  PACE_GOAL,
  type PaceResults,
  type ProvisionResults,
  SCALE_GOAL,
  type ScaleResults,
  WAYS,
} from './provision.js'
import { alignedRows, markdownTable } from './table.js'

/** The tables of the page of benchmarks, with the machine under them. */
export function provisionMarkdown(results: ProvisionResults): string {
  const { scale, pace } = results
  return [
    ...tables(results).flatMap(table => [markdownTable(table), '']),
    ...notes(results),
    ...(scale
      ? ['', ...scaleTables(scale).flatMap(table => [markdownTable(table), '']), ...scaleNotes(scale)]
      : []),
    ...(pace
      ? ['', ...paceTables(pace).flatMap(table => [markdownTable(table), '']), ...paceNotes(pace)]
      : []),
  ].join('\n')
}

/** One part for a terminal. */
export function partPlain({ scale, pace }: Pick<ProvisionResults, 'scale' | 'pace'>): string {
  const shown = [...(scale ? scaleTables(scale) : []), ...(pace ? paceTables(pace) : [])]
  return `${shown.map(table => alignedRows(table)).join('\n\n')}\n`
}

/** The same for a terminal. */
export function provisionPlain(results: ProvisionResults): string {
  return [
    ...tables(results).flatMap(table => [alignedRows(table), '']),
    ...notes(results).map(line => line.replaceAll('`', '')),
    '',
  ].join('\n')
}

function scaleTables({ growth, there }: ScaleResults): string[][][] {
  const sizes = [...new Set(growth.map(({ existing }) => existing))].sort((a, b) => a - b)
  const cells = (userPer: string, existing: number) => {
    const row = growth.find(each => each.userPer === userPer && each.existing === existing)
    return [row?.perSecond, row?.p50, row?.usersPerSecond].map(orDash)
  }
  const columns = (name: string) => [`${name}: per second`, 'p50 ms', 'users alone, per second']
  return [
    [
      ['existing volumes', ...columns('a user for each volume'), ...columns('for each namespace')],
      ...sizes.map(existing => [
        String(existing),
        ...cells('volume', existing),
        ...cells('namespace', existing),
      ]),
    ],
    [
      ['with so many volumes', '`volume list`', '`import --dry-run` of 500', 'start of the controller'],
      ...there.map(each => [
        `${each.volumes}, a user for each ${each.userPer}`,
        cost(each.listSeconds, each.listMb),
        cost(each.importSeconds, each.importMb),
        cost(each.startSeconds, each.controllerMb),
      ]),
    ],
  ]
}

function cost(seconds: number, mb: number) {
  return `${number(seconds)} s, ${number(mb)} MB`
}

function scaleNotes({ growth, namespaces, ...about }: ScaleResults): string[] {
  const ratioOf = (userPer: string) => {
    const rows = growth.filter(each => each.userPer === userPer)
    return { ratio: growthRatio(rows), last: rows.at(-1)?.existing }
  }
  const [each, shared] = [ratioOf('volume'), ratioOf('namespace')]
  const isMet = shared.ratio >= SCALE_GOAL
  return [
    `With a user for each volume, the rate with ${each.last} volumes is ${each.ratio.toFixed(2)} of that with the fewest. With a user for each namespace, the`,
    `rate with ${shared.last} volumes is ${shared.ratio.toFixed(2)} of it (goal: >= ${SCALE_GOAL}: ${isMet ? 'met' : '**not met**'}), in ${namespaces} namespaces that were filled one after another.`,
    'The users of the volumes that only fill a cluster were created in one commit; those that are measured, one by one.',
    'Memory is that of the process alone, at most. The controller starts beside an API server in memory with all claims and volumes,',
    'and asks for none of them alone.',
    measuredOn(about),
  ]
}

function paceTables({ claims, steps, processors, requests }: PaceResults): string[][][] {
  return [
    [
      [`${claims} claims at once`, 'per second', 'p50 ms', 'p99 ms'],
      ...steps.map(({ step, perSecond, p50, p99 }) => [step, ...[perSecond, p50, p99].map(number)]),
    ],
    [
      ['processor time for each claim, to Bound', 'ms'],
      ...processors.map(({ name, ms }) => [name, number(ms)]),
    ],
    [
      ['requests to the API server for each claim, of all programs', 'number'],
      ...requests.map(({ name, perClaim }) => [name, number(perClaim)]),
    ],
  ]
}

function paceNotes({ steps, processors, ...about }: PaceResults): string[] {
  const [first] = steps
  const isMet = first !== undefined && first.perSecond >= PACE_GOAL.perSecond && first.p99 <= PACE_GOAL.p99
  const all = processors.reduce((sum, { ms }) => sum + ms, 0)
  return [
    'Times are since all were asked for, so that waiting for the others counts. Everything runs on one machine: Kubernetes, Ceph,',
    `the controller and the benchmark need ${number(all)} ms of processor time for each claim, on ${about.machine.cores} cores.`,
    'Of the requests, cephflex sends the two PATCH of the claim, the POST of Secret and PersistentVolume, and one POST of an event. The',
    'other events, and their PATCH, are those of kube-controller-manager, which here looks at each waiting claim every two seconds.',
    `Goal to the PersistentVolume: >= ${PACE_GOAL.perSecond} per second, p99 <= ${PACE_GOAL.p99} ms: ${isMet ? 'met' : '**not met**'}.`,
    measuredOn(about),
  ]
}

function measuredOn({ date, machine }: Pick<PaceResults, 'date' | 'machine'>): string {
  const { cpu, cores, kernel, load } = machine
  return `Measured on ${date}: ${cpu}, ${cores} cores, Linux ${kernel}, load ${load.toFixed(1)}.`
}

function tables(results: ProvisionResults): string[][][] {
  return [comparison(results), growthTable(results), ...(results.bound ? [boundTable(results.bound)] : [])]
}

/** Head and rows of the comparison. */
function comparison({ ways, ratios }: ProvisionResults): string[][] {
  const head = [
    'a volume',
    'compared with',
    'times as fast',
    'middle half',
    'per second',
    'p50 ms',
    'p99 ms',
    'goal',
  ]
  const rows = COMPARISONS.flatMap(({ way, base, goal }) => {
    const found = ratios.find(each => each.way === way && each.base === base)
    if (!found) return []
    const [own, other] = [ways[way], ways[base]]
    const pair = (pick: 'perSecond' | 'p50' | 'p99') => `${number(own[pick])} : ${number(other[pick])}`
    return [
      [
        WAYS[way],
        WAYS[base],
        found.ratio.median.toFixed(1),
        `${found.ratio.q1.toFixed(1)}-${found.ratio.q3.toFixed(1)}`,
        pair('perSecond'),
        pair('p50'),
        pair('p99'),
        goal === undefined ? 'for the record' : `>= ${goal}: ${found.met ? 'met' : '**not met**'}`,
      ],
    ]
  })
  return [head, ...rows]
}

function growthTable({ growth }: ProvisionResults): string[][] {
  const head = [
    'existing volumes',
    'per second',
    'p50 ms',
    'one at a time: p50 ms',
    'of which committing its user',
    'users alone, per second',
    'users without caps',
  ]
  const rows = growth.map(({ existing, perSecond, p50, ...more }) => {
    const { aloneP50, aloneCommitP50, usersPerSecond, bareUsersPerSecond } = more
    const cells = [perSecond, p50, aloneP50, aloneCommitP50, usersPerSecond, bareUsersPerSecond]
    return [String(existing), ...cells.map(orDash)]
  })
  return [head, ...rows]
}

function orDash(value: number | undefined) {
  return value === undefined ? '-' : number(value)
}

function boundTable({ oneByOne, atOnce }: NonNullable<ProvisionResults['bound']>): string[][] {
  const head = [
    'from a PVC to Bound',
    'per second',
    'p50 ms',
    'p99 ms',
    'until its PersistentVolume exists: p50 ms',
    'from then to Bound: p50 ms',
    'p99 ms',
  ]
  const row = (name: string, { claims, ...times }: BoundTimes) => [
    `${claims} claims, ${name}`,
    ...[times.perSecond, times.p50, times.p99, times.madeP50, times.bindingP50, times.bindingP99].map(number),
  ]
  return [head, row('one after the other', oneByOne), row('all at once', atOnce)]
}

function notes(results: ProvisionResults): string[] {
  const { machine, versions, rounds, seed, date, atOnce, ways } = results
  return [
    `Each ratio compares two results of the same round, with ${atOnce} volumes at a time on both sides; shown is the median of ${rounds} rounds in`,
    `shuffled order (seed ${seed}), ${ways.directory.volumes} volumes by cephflex. Every method creates the same: a quota, a RADOS namespace and a user with`,
    'caps for this directory.',
    `With 1000 existing volumes, the rate is ${growthRatio(results.growth).toFixed(2)} of the rate with 10 (1 would be flat).`,
    'What grows is the time that the monitor needs to commit a user: it commits one user at a time, and checks the caps of all',
    'users each time (AUTH_BAD_CAPS). "Users alone" creates only users, with the same caps, in the same cluster; "without caps"',
    'does so in a cluster with as many users without caps and no others.',
    ...aloneNotes(results),
    ...boundNotes(results),
    `Measured on ${date}: ${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Ceph ${versions.ceph} on loopback,`,
    `cephflex ${versions.cephflex} on Node ${versions.node}; load ${machine.load.toFixed(1)}.`,
  ]
}

/** The time without the commit: that of this program and of the file system. */
function aloneNotes({ growth }: ProvisionResults): string[] {
  const rests = growth.flatMap(({ existing, aloneP50, aloneCommitP50 }) =>
    aloneP50 === undefined || aloneCommitP50 === undefined
      ? []
      : [`${number(aloneP50 - aloneCommitP50)} ms with ${existing}`],
  )
  return rests.length === 0
    ? []
    : [`Apart from committing its user, a volume created alone takes ${rests.join(', ')} existing volumes.`]
}

function number(value: number) {
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

function boundNotes({ bound }: ProvisionResults): string[] {
  return bound === undefined
    ? []
    : [
        'Times to Bound are those that a watch sees, with `cephflex controller` as shipped (8 claims at once), a directory for each claim.',
        "The last two columns are the time of Kubernetes' own controller: kube-controller-manager 1.20 with",
        '`--pvclaimbinder-sync-period=2s --kube-api-qps=200 --kube-api-burst=400`; its defaults (15 s, 20, 30) are slower.',
      ]
}
