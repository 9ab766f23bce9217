import { type CompatResults, compatRows } from './compat.js'
import { EXPLANATIONS } from './errors.js'
import { type Figures, figureRows } from './figures.js'
import { NODE_CONFIG_DOCS } from './node-config-docs.js'
import { OPTION_DOCS } from './options.js'
import { PARAMETER_DOCS } from './provision/parameters.js'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

const escapeCell = (text: string) => text.replaceAll('|', '\\|')

const compat = (results: readonly CompatResults[]): string => {
  const { tried, notCovered } = compatRows(results)
  const rows = tried.map(cells => cells.map(escapeCell))
  return [
    table(['what', 'version', 'processor', 'checks passed', 'date', 'note'], rows),
    '',
    `Not covered: ${notCovered.join('; ') || 'anything else'}.`,
  ].join('\n')
}

const TABLES: Readonly<Record<string, (results: readonly CompatResults[]) => string>> = {
  options: () =>
    table(
      ['option', 'default', 'meaning'],
      OPTION_DOCS.map(({ name, default: value, means }) => [`\`${name}\``, value, means].map(escapeCell)),
    ),
  'node configuration': () =>
    table(
      ['key', 'default', 'meaning'],
      NODE_CONFIG_DOCS.map(({ name, default: value, means }) =>
        [`\`${name}\``, value, means].map(escapeCell),
      ),
    ),
  parameters: () =>
    table(
      ['parameter', 'default', 'meaning'],
      PARAMETER_DOCS.map(({ name, default: value, means }) => [`\`${name}\``, value, means].map(escapeCell)),
    ),
  compat,
}

/** What stands between the marks of one table replaced; a text without such marks stays as it is. */
export const fill = (text: string, name: string, content: string): string =>
  text.replace(
    new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`),
    (_, begin: string, end: string) => `${begin}${content}\n${end}`,
  )

/**
 * The README with its generated tables made anew; the rest stays as it is.
 *
 * @param results what the suites have recorded.
 */
export const fillReadme = (text: string, results: readonly CompatResults[]): string =>
  Object.entries(TABLES).reduce((filled, [name, make]) => fill(filled, name, make(results)), text)

/** The same for `src/assets/docs/errors.md`. */
export const fillErrors = (text: string): string => {
  const rows = Object.entries(EXPLANATIONS).map(([code, { means, fix }]) => [`\`${code}\``, means, fix])
  const cells = rows.map(row => row.map(escapeCell))
  return fill(text, 'errors', table(['code', 'meaning', 'what to do'], cells))
}

/** The same for `src/assets/docs/reliability.md`. */
export const fillReliability = (text: string, figures: readonly Figures[]): string =>
  fill(text, 'figures', table(['what was done', 'times', 'lost', 'date'], figureRows(figures)))
