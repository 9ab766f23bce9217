import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'

const page = readFileSync('src/assets/docs/failure-modes.md', 'utf8')
const rows = page.split('\n').filter(line => /`[\w/.-]+\.ts` \|$/.test(line))
const numbers = rows.map(line => Number(/^\| (\d+) \|/.exec(line)?.[1])).filter(n => !Number.isNaN(n))
t.strictSame(
  numbers.slice(0, 25),
  Array.from({ length: 25 }, (_, i) => i + 1),
  'every failure mode has a row that names a test',
)
t.equal(new Set(numbers).size, numbers.length, 'and a number of its own')
t.ok(rows.length >= 36, 'so has what is expected of its security')
for (const [, file = ''] of page.matchAll(/`([\w/.-]+\.ts)`/g))
  t.ok(existsSync(`test/${file}`), `test/${file} exists`)
