import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { FIGURES_DIRECTORY, figureRows, parseFigures } from './figures.js'

t.strictSame(figureRows([{ date: '2026-01-02', rows: [{ what: 'calls killed', count: 1_234, lost: 0 }] }]), [
  ['calls killed', '1,234', '0', '2026-01-02'],
])
t.throws(() => parseFigures('{"date":"today","rows":[]}'), 'an invalid date is refused')
for (const name of readdirSync(FIGURES_DIRECTORY))
  for (const { what, lost } of parseFigures(readFileSync(`${FIGURES_DIRECTORY}/${name}`, 'utf8')).rows)
    t.equal(lost, 0, `nothing was lost: ${what}`)
