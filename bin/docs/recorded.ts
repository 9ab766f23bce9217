import { files } from '../../src/system/files.js'
import { RECORDED, type Results } from '../../test/records/bench.js'
import { COMPAT_DIRECTORY, type CompatResults, parseCompatResults } from '../../test/records/compat.js'
import { FIGURES_DIRECTORY, type Figures, parseFigures } from '../../test/records/figures.js'
import { type Gaps, readGaps } from '../../test/records/gaps.js'
import { type ProvisionResults, RECORDED_PROVISION } from '../../test/records/provision.js'

/** The recorded results of the suites and benchmarks. */
export type Recorded = {
  compat: CompatResults[]
  figures: Figures[]
  gaps: Gaps
  bench: Results
  provision: ProvisionResults
}

/** Reads the results in `test/records/results`. The current directory must be the top of the checkout. */
export function readRecorded(): Recorded {
  return {
    compat: readAll(COMPAT_DIRECTORY, parseCompatResults),
    figures: readAll(FIGURES_DIRECTORY, parseFigures),
    gaps: readGaps(),
    bench: JSON.parse(files.read(RECORDED) ?? ''),
    provision: JSON.parse(files.read(RECORDED_PROVISION) ?? ''),
  }
}

/** The results in a folder, one per file, sorted by file name. */
function readAll<T>(directory: string, parse: (json: string) => T): T[] {
  return files
    .list(directory)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => parse(files.read(`${directory}/${name}`) ?? ''))
}
