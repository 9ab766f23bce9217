import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { fillErrors, fillReadme, fillReliability } from '../../bin/docs/readme.js'
import { FIGURES_DIRECTORY, parseFigures } from '../records/figures.js'
import { compatResults } from '../records/record-compat.js'

const readme = readFileSync('README.md', 'utf8')

t.equal(
  fillReadme(readme, compatResults()),
  readme,
  'the tables are those of the code and of what the suites recorded; if not, run "npm run docs"',
)
const reliability = readFileSync('src/assets/docs/reliability.md', 'utf8')
const figures = readdirSync(FIGURES_DIRECTORY)
  .sort()
  .map(name => parseFigures(readFileSync(`${FIGURES_DIRECTORY}/${name}`, 'utf8')))
t.equal(fillReliability(reliability, figures), reliability, 'so is the table of what was done to the driver')
t.match(readme, '| `monitors` | ', 'the options are there')
const errors = readFileSync('src/assets/docs/errors.md', 'utf8')
t.equal(fillErrors(errors), errors, 'so are the codes')
t.match(errors, '| `EREFUSED` | ', 'all of them')
t.match(readme, '| what | version | processor |', 'and what it was tested with')
t.equal(fillReadme('no marks', []), 'no marks', 'a text without marks stays as it is')
t.match(
  fillReadme('<!-- compat: x -->\n<!-- end of compat -->', [
    {
      date: '2026-11-02',
      rows: [
        {
          area: 'ceph',
          subject: 'ceph-fuse',
          version: '18.2.7',
          arch: 'x86-64',
          cases: { passed: 2, failed: 0 },
          note: 'a|b',
        },
      ],
    },
  ]),
  /\| ceph-fuse \| 18\.2\.7 \| x86-64 \| all 2 \| 2026-11-02 \| a\\\|b \|\n\nNot covered: anything else\.\n<!-- end/,
  'what was recorded becomes a table',
)
