import type { PaceResults } from '../../records/provision.js'
import { percentile } from '../statistics.js'
import type { ClaimsLab } from './claims-lab.js'
import { usedSince } from './processors.js'

type Pace = Pick<PaceResults, 'claims' | 'steps' | 'processors' | 'requests'>

/** Creates claims all at once, expands them, and deletes them. The very first opens the sessions and is not counted. */
export async function measurePace(lab: ClaimsLab, count: number): Promise<Pace> {
  await lab.bind('opens')
  const names = Array.from({ length: count }, (_, i) => `pace-${i}`)
  const asked = await lab.requests()
  const before = lab.processors()
  const begin = performance.now()
  const all = await Promise.all(names.map(name => lab.bind(name)))
  const processors = usedSince(before, lab.processors(), count)
  const requests = usedSince(asked, await lab.requests(), count).map(({ name, ms }) => ({
    name,
    perClaim: ms,
  }))
  await lab.prove()
  const created = (pick: 'made' | 'bound') =>
    stepOf(
      pick === 'made' ? 'created, to the PersistentVolume' : 'created, to Bound',
      begin,
      all.map(each => each[pick]),
    )
  const begun = performance.now()
  const expanded = stepOf('expanded', begun, await Promise.all(names.map(name => lab.expand(name))))
  const ending = performance.now()
  const removed = stepOf('deleted, data and user included', ending, await Promise.all(names.map(lab.remove)))
  return {
    claims: count,
    steps: [created('made'), created('bound'), expanded, removed],
    processors,
    requests,
  }
}

/** Times since all were asked for, so that waiting for the others counts. */
function stepOf(step: string, begin: number, ends: readonly number[]): PaceResults['steps'][number] {
  const times = ends.map(end => end - begin)
  return {
    step,
    perSecond: (times.length / Math.max(...times)) * 1000,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  }
}
