/**
 * `npm run docs`: writes the tables of the pages and the manual page, from the code and the recorded results. Then it
 * lists the sections of the Chinese README that are older than their English source.
 */
import { describe } from '../../src/cli/help/describe.js'
import { buildProgram } from '../../src/cli/program.js'
import { streams } from '../../src/cli/terminal/command-io.js'
import { files } from '../../src/system/files.js'
import { manual } from './manual.js'
import { readRecorded } from './recorded.js'
import { fillTables, makeTables } from './tables.js'
import { staleSections } from './translation.js'

const PAGES = 'src/assets/docs'
const CHINESE = `${PAGES}/README.zh-CN.md`

const read = (path: string) => files.read(path) ?? ''
const tables = makeTables(readRecorded())
for (const page of ['README.md', ...files.list(PAGES).map(name => `${PAGES}/${name}`)])
  files.replace(page, fillTables(read(page), tables))
files.replace('src/assets/cephflex.1', manual('cephflex', describe(buildProgram(streams()))))
for (const line of staleSections(read('README.md'), read(CHINESE)))
  process.stderr.write(`${CHINESE}: ${line}\n`)
