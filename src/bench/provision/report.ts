import { alignedRows, markdownTable } from '../table.js'
import { COMPARISONS, growthRatio, type ProvisionResults, WAYS } from './results.js'

const number = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0))

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
  const rows = growth.map(each =>
    [each.existing, number(each.perSecond), number(each.p50), number(each.commitP50)].map(String),
  )
  return [['volumes there already', 'per second', 'p50 ms', 'of it the commit of the user'], ...rows]
}

const boundText = ({ bound }: ProvisionResults): string[] =>
  bound === undefined
    ? []
    : [
        `From a PVC to Bound, through the controller: p50 ${number(bound.p50)} ms, p99 ${number(bound.p99)} ms (${bound.claims} claims).`,
      ]

const notes = (results: ProvisionResults): string[] => {
  const { machine, versions, rounds, seed, date, atOnce, ways } = results
  return [
    `A ratio compares the two in one round, ${atOnce} volumes at once in both; the median of ${rounds} rounds in shuffled order (seed ${seed})`,
    `is shown, ${ways.directory.volumes} volumes by cephflex. All make the same: quota, RADOS namespace, user with caps for this directory.`,
    `With 1000 volumes there it goes ${growthRatio(results.growth).toFixed(2)} times as fast as with 10 (1 is flat);`,
    `most of what is added is the time that the monitor takes to commit a user, which grows with the number of users.`,
    ...boundText(results),
    `Measured on ${date}: ${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Ceph ${versions.ceph} on loopback,`,
    `cephflex ${versions.cephflex} on Node ${versions.node}; load ${machine.load.toFixed(1)}.`,
  ]
}

/** The tables of the README, with the machine under them. */
export const provisionMarkdown = (results: ProvisionResults): string =>
  [markdownTable(comparison(results)), '', markdownTable(growthTable(results)), '', ...notes(results)].join(
    '\n',
  )

/** The same for a terminal. */
export const provisionPlain = (results: ProvisionResults): string =>
  [alignedRows(comparison(results)), '', alignedRows(growthTable(results)), '', ...notes(results), ''].join(
    '\n',
  )
