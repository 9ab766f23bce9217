import type { SubjectName } from '../../test/records/bench.js'
import { compatRows } from '../../test/records/compat.js'
import type { Recorded } from './recorded.js'

/** The benchmarks in three lines, for the README; the page `benchmarks` has the whole tables. */
export function speedSummary({ bench, provision }: Pick<Recorded, 'bench' | 'provision'>): string {
  const ms = (name: SubjectName) => `${bench.subjects[name]?.median.toFixed(0)} ms`
  const { directory, subvolume } = provision.ways
  const { bound } = provision
  const claims = bound ? `; a claim is Bound after ${bound.oneByOne.p50.toFixed(0)} ms` : ''
  return [
    `- \`init\` takes ${ms('init-binary')}. \`mount\` and \`unmount\` together take ${ms('mount-binary')}, against ${ms('mount-raw')} for \`ceph-fuse\` and \`umount\` by hand.`,
    `- 20 mounts at once take ${ms('herd-binary')}, against ${ms('herd-raw')} for 20 \`ceph-fuse\` at once.`,
    `- Volumes created per second: ${directory.perSecond.toFixed(0)} directories or ${subvolume.perSecond.toFixed(0)} subvolumes${claims}.`,
  ].join('\n')
}

/** The versions that the suites ran with, in one line; the page `compatibility` has the whole table. */
export function testedVersions({ compat }: Pick<Recorded, 'compat'>): string {
  const versions = new Map<string, Set<string>>()
  for (const [subject = '', version = ''] of compatRows(compat).tried) {
    const name = beforeComma(subject)
    versions.set(name, (versions.get(name) ?? new Set()).add(beforeComma(version)))
  }
  return `${[...versions].map(([name, found]) => `${name} ${[...found].join(', ')}`).join('; ')}.`
}

/** Shortens a cell such as `ceph-fuse 16.2.15, cluster 18.2.7`; the table has the rest. */
function beforeComma(text: string): string {
  return text.replace(/,.*/, '')
}
