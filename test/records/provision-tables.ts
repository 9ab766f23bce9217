import { type BoundTimes, COMPARISONS, growthRatio, type ProvisionResults, WAYS } from './provision.js'
import { alignedRows, markdownTable } from './table.js'

/** The tables of the page of benchmarks, with the machine under them. */
export function provisionMarkdown(results: ProvisionResults): string {
  return [...tables(results).flatMap(table => [markdownTable(table), '']), ...notes(results)].join('\n')
}

/** The same for a terminal. */
export function provisionPlain(results: ProvisionResults): string {
  return [
    ...tables(results).flatMap(table => [alignedRows(table), '']),
    ...notes(results).map(line => line.replaceAll('`', '')),
    '',
  ].join('\n')
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
