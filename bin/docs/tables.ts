import { NODE_CONFIG_DOCS } from '../../src/core/config/node-config-docs.js'
import { EXPLANATIONS } from '../../src/core/error-codes.js'
import { PARAMETER_DOCS } from '../../src/core/provision/parameter-docs.js'
import type { SettingDoc } from '../../src/core/text/setting-docs.js'
import { OPTION_DOCS } from '../../src/core/volume/option-docs.js'
import { markdown } from '../../test/records/bench-tables.js'
import { type CompatResults, compatRows } from '../../test/records/compat.js'
import { figureRows } from '../../test/records/figures.js'
import { gapsMarkdown } from '../../test/records/gaps.js'
import { provisionMarkdown } from '../../test/records/provision-tables.js'
import { markdownTable } from '../../test/records/table.js'
import type { Recorded } from './recorded.js'
import { speedSummary, testedVersions } from './summary.js'

/** The generated parts of the pages, by the name in their markers. */
export type Tables = Readonly<Record<string, string>>

/** Makes all generated parts from the code and the recorded results. */
export function makeTables(recorded: Recorded): Tables {
  return {
    options: settings('option', OPTION_DOCS),
    'node configuration': settings('key', NODE_CONFIG_DOCS),
    parameters: settings('parameter', PARAMETER_DOCS),
    errors: table(
      ['code', 'meaning', 'what to do'],
      Object.entries(EXPLANATIONS).map(([code, { means, fix }]) => [`\`${code}\``, means, fix]),
    ),
    versions: testedVersions(recorded),
    compat: compat(recorded.compat),
    figures: table(['what was done', 'times', 'lost', 'date'], figureRows(recorded.figures)),
    gaps: gapsMarkdown(recorded.gaps),
    speed: speedSummary(recorded),
    bench: markdown(recorded.bench),
    provisioning: provisionMarkdown(recorded.provision),
  }
}

/**
 * Replaces the generated parts of a page, those between `<!-- NAME: ... -->` and `<!-- end of NAME -->`.
 *
 * @throws Error if the name of a marker is not in `tables`.
 */
export function fillTables(page: string, tables: Tables): string {
  return page.replace(GENERATED, (_, begin: string, name: string, end: string) => {
    const content = tables[name]
    if (content === undefined) throw new Error(`there is no generated table "${name}"`)
    return `${begin}${content}\n${end}`
  })
}

/** The names of the generated parts of a page. */
export function tablesIn(page: string): string[] {
  return [...page.matchAll(GENERATED)].map(([, , name = '']) => name)
}

/** A generated part; the groups are its first marker, its name and its last marker. */
export const GENERATED = /(<!-- ([^\n:]+): [^\n]*-->\n)[\s\S]*?(<!-- end of \2 -->)/g

/** A table of settings. */
function settings(head: string, docs: readonly SettingDoc[]): string {
  const rows = docs.map(({ name, default: value, means }) => [`\`${name}\``, value, means])
  return table([head, 'default', 'meaning'], rows)
}

function compat(results: readonly CompatResults[]): string {
  const { tried, notCovered } = compatRows(results)
  return [
    table(['what', 'version', 'processor', 'checks passed', 'date', 'note'], tried),
    '',
    `Not covered: ${notCovered.join('; ') || 'anything else'}.`,
  ].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable([head, ...rows.map(row => row.map(cell => cell.replaceAll('|', '\\|')))])
}
