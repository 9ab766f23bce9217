import { describe } from '../../src/cli/help/describe.js'
import { buildProgram } from '../../src/cli/program.js'
import { streams } from '../../src/cli/terminal/command-io.js'
import { files } from '../../src/system/files.js'
import { RECORDED, type Results } from '../../test/records/bench.js'
import { markdown } from '../../test/records/bench-tables.js'
import { COMPAT_DIRECTORY, parseCompatResults } from '../../test/records/compat.js'
import { FIGURES_DIRECTORY, parseFigures } from '../../test/records/figures.js'
import { type ProvisionResults, RECORDED_PROVISION } from '../../test/records/provision.js'
import { provisionMarkdown } from '../../test/records/provision-tables.js'
import { manual } from './manual.js'
import { fill, fillErrors, fillReadme, fillReliability, fillTranslated } from './readme.js'
import { accept } from './translation.js'
import { ZH_CN } from './zh-CN.js'

/**
 * `npm run docs`: writes the tables of the README and the manual page from the code and from what the suites have recorded.
 * `-- --translated SECTION...` says that these sections of the translation have been looked at after the README's changed
 * (`all`: every one).
 */
const [flag, ...titles] = process.argv.slice(2)
if (flag !== undefined && (flag !== '--translated' || titles.length === 0))
  throw new Error('usage: npm run docs [-- --translated SECTION...]')

function recorded<T>(directory: string, parse: (json: string) => T): T[] {
  return files
    .list(directory)
    .sort()
    .filter(name => name.endsWith('.json'))
    .map(name => parse(files.read(`${directory}/${name}`) ?? ''))
}

const results = recorded(COMPAT_DIRECTORY, parseCompatResults)
const bench = JSON.parse(files.read(RECORDED) ?? '') as Results
const provision = JSON.parse(files.read(RECORDED_PROVISION) ?? '') as ProvisionResults
const filled = fill(fillReadme(files.read('README.md') ?? '', results), 'bench', markdown(bench))
const readme = fill(filled, 'provisioning', provisionMarkdown(provision))
files.replace('README.md', readme)
const chinese = 'src/assets/docs/README.zh-CN.md'
files.replace(chinese, accept(readme, fillTranslated(files.read(chinese) ?? '', ZH_CN), titles))
const errors = 'src/assets/docs/errors.md'
files.replace(errors, fillErrors(files.read(errors) ?? ''))
const reliability = 'src/assets/docs/reliability.md'
files.replace(
  reliability,
  fillReliability(files.read(reliability) ?? '', recorded(FIGURES_DIRECTORY, parseFigures)),
)
files.replace('src/assets/cephflex.1', manual('cephflex', describe(buildProgram(streams()))))
