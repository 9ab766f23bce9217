import { NODE_CONFIG_DOCS } from '../../src/core/config/node-config-docs.js'
import { EXPLANATIONS } from '../../src/core/errors.js'
import { PARAMETER_DOCS } from '../../src/core/provision/parameter-docs.js'
import type { SettingDoc } from '../../src/core/text/setting-docs.js'
import { OPTION_DOCS } from '../../src/core/volume/option-docs.js'
import { type CompatResults, compatRows } from '../../test/records/compat.js'
import { type Figures, figureRows } from '../../test/records/figures.js'
import { markdownTable } from '../../test/records/table.js'
import { translate } from './translation.js'

/** What a user can set: the first word of the table's head, and its rows. */
const SETTINGS: Readonly<Record<string, readonly [head: string, docs: readonly SettingDoc[]]>> = {
  options: ['option', OPTION_DOCS],
  'node configuration': ['key', NODE_CONFIG_DOCS],
  parameters: ['parameter', PARAMETER_DOCS],
}

/**
 * The README with its generated tables made anew; the rest stays as it is.
 *
 * @param results what the suites have recorded.
 */
export function fillReadme(text: string, results: readonly CompatResults[]): string {
  return fill(
    fillSettings(text, word => word),
    'compat',
    compat(results),
  )
}

/**
 * A translation of the README with the tables of what a user can set made anew.
 *
 * @param texts the words of the tables, by the English ones.
 * @throws Error with all English texts that have none.
 */
export function fillTranslated(text: string, texts: Readonly<Record<string, string>>): string {
  const missing: string[] = []
  const filled = fillSettings(text, word => {
    const found = translate(texts, word)
    if (found === undefined) missing.push(word)
    return found ?? word
  })
  if (missing.length > 0) throw new Error(`not translated:\n${missing.join('\n')}`)
  return filled
}

/** The same for `src/assets/docs/errors.md`. */
export function fillErrors(text: string): string {
  const rows = Object.entries(EXPLANATIONS).map(([code, { means, fix }]) => [`\`${code}\``, means, fix])
  const cells = rows.map(row => row.map(escapeCell))
  return fill(text, 'errors', markdownTable([['code', 'meaning', 'what to do'], ...cells]))
}

/** The same for `src/assets/docs/reliability.md`. */
export function fillReliability(text: string, figures: readonly Figures[]): string {
  return fill(
    text,
    'figures',
    markdownTable([['what was done', 'times', 'lost', 'date'], ...figureRows(figures)]),
  )
}

/** What stands between the marks of one table replaced; a text without such marks stays as it is. */
export function fill(text: string, name: string, content: string): string {
  return text.replace(
    new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`),
    (_, begin: string, end: string) => `${begin}${content}\n${end}`,
  )
}

function compat(results: readonly CompatResults[]): string {
  const { tried, notCovered } = compatRows(results)
  const rows = tried.map(cells => cells.map(escapeCell))
  return [
    markdownTable([['what', 'version', 'processor', 'checks passed', 'date', 'note'], ...rows]),
    '',
    `Not covered: ${notCovered.join('; ') || 'anything else'}.`,
  ].join('\n')
}

type Say = (text: string) => string

function fillSettings(text: string, say: Say): string {
  return Object.entries(SETTINGS).reduce(
    (filled, [name, [head, docs]]) => fill(filled, name, settings(head, docs, say)),
    text,
  )
}

function settings(head: string, docs: readonly SettingDoc[], say: Say): string {
  const titles = [head, 'default', 'meaning'].map(say)
  const rows = docs.map(({ name, default: value, means }) =>
    [`\`${name}\``, say(value), say(means)].map(escapeCell),
  )
  return markdownTable([titles, ...rows])
}

function escapeCell(text: string) {
  return text.replaceAll('|', '\\|')
}
