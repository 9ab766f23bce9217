import { readFileSync } from 'node:fs'
import t from 'tap'
import { readRecorded } from '../../bin/docs/recorded.js'
import { fillTables, makeTables, tablesIn } from '../../bin/docs/tables.js'
import { PAGES } from './examples.js'

const recorded = readRecorded()
const tables = makeTables(recorded)
const pages = PAGES.map(page => [page, readFileSync(page, 'utf8')] as const)

for (const [page, text] of pages)
  t.equal(fillTables(text, tables), text, `${page}: the tables are current; if not, run "npm run docs"`)
t.strictSame(
  pages.flatMap(([, text]) => tablesIn(text)).sort(),
  Object.keys(tables).sort(),
  'each table is on one page',
)
for (const [name, row] of [
  ['options', '| `monitors` | '],
  ['node configuration', '| `kubeletRoots` | '],
  ['parameters', '| `claimRoot` | '],
  ['errors', '| `EREFUSED` | '],
  ['compat', '| what | version | processor |'],
  ['figures', '| what was done | times | lost | date |'],
  ['bench', '| call | compared with | ratio |'],
  ['provisioning', '| a volume | compared with | times as fast |'],
] as const)
  t.match(tables[name], row, name)
t.match(tables['speed'], /^- `init` takes \d+ ms\. (.*\n){2}- Volumes created .*: \d+ directories .*\d ms\.$/)

t.equal(fillTables('no marks', tables), 'no marks', 'a text without marks stays as it is')
t.equal(
  fillTables('<!-- a: x -->\nold\n<!-- end of a -->', { a: '1\n2' }),
  '<!-- a: x -->\n1\n2\n<!-- end of a -->',
)
t.throws(() => fillTables('<!-- b: x -->\n<!-- end of b -->', {}), { message: /no generated table "b"/ })
t.match(
  makeTables({
    ...recorded,
    compat: [
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
    ],
  })['compat'],
  /\| ceph-fuse \| 18\.2\.7 \| x86-64 \| all 2 \| 2026-11-02 \| a\\\|b \|\n\nNot covered: anything else\.$/,
  'what was recorded becomes a table',
)
