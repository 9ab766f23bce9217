import { EXPLANATIONS } from './errors.js'
import { OPTION_DOCS } from './options.js'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

const escapeCell = (text: string) => text.replaceAll('|', '\\|')

const TABLES: Readonly<Record<string, () => string>> = {
  options: () =>
    table(
      ['option', 'default', 'meaning'],
      OPTION_DOCS.map(({ name, default: value, means }) => [`\`${name}\``, value, means].map(escapeCell)),
    ),
  errors: () =>
    table(
      ['code', 'meaning', 'what to do'],
      Object.entries(EXPLANATIONS).map(([code, { means, fix }]) =>
        [`\`${code}\``, means, fix].map(escapeCell),
      ),
    ),
}

/** The README with its generated tables made anew; the rest stays as it is. */
export const fillReadme = (text: string): string =>
  Object.entries(TABLES).reduce(
    (filled, [name, make]) =>
      filled.replace(
        new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`),
        (_, begin: string, end: string) => `${begin}${make()}\n${end}`,
      ),
    text,
  )
