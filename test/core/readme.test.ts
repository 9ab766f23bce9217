import { readFileSync } from 'node:fs'
import t from 'tap'
import { fillReadme } from '../../src/core/readme.js'

const readme = readFileSync('README.md', 'utf8')

t.equal(fillReadme(readme), readme, 'the tables are those of the code; if not, run "npm run docs"')
t.match(readme, '| `monitors` | ', 'the options are there')
t.match(readme, '| `EREFUSED` | ', 'and the codes')
t.equal(fillReadme('no marks'), 'no marks', 'a text without marks stays as it is')
