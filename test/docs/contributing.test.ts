import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'

const page = readFileSync('CONTRIBUTING.md', 'utf8')
const [, section = ''] = /^## To change something\n([\s\S]*?)^## /m.exec(page) ?? []
const rows = section.split('\n').filter(line => line.startsWith('| ') && !/^\| (---|to change) /.test(line))
t.ok(rows.length >= 20, `${rows.length} changes`)
for (const row of rows)
  t.match(row, /`(src|test|bin|install\.sh|package\.json)/, `${row.slice(0, 60)}: names a path`)

const paths = [...page.matchAll(/`((?:src|test|bin|\.ci)\/[\w./-]+|[\w.-]+\.(?:sh|md|json))`/g)]
t.ok(paths.length > 60)
for (const path of new Set(paths.map(([, path = '']) => path))) t.ok(existsSync(path), `${path} exists`)
