import { shortHash } from '../../src/core/text/short-hash.js'

/** A heading of a page with all that follows it up to the next one. */
export type Section = { level: number; title: string; text: string }

/** After a heading of a translation: which section of the original it was made from, and from which state of it. */
const MARK = /^<!-- from: (.+) ([0-9a-f]{16}|new) -->$/m

/**
 * What a translation has that its original has not, and the other way round: sections and their order, code blocks and
 * words in code, and sections whose original has changed since the translation was looked at.
 *
 * @returns one line for each; none means that they are in step.
 */
export function differences(original: string, translation: string): string[] {
  const originals = sectionsOf(original)
  const translations = sectionsOf(translation)
  const order = (titles: readonly (string | undefined)[]) => titles.join(' | ')
  const wanted = order(originals.map(({ title }) => title))
  const found = order(translations.map(section => originOf(section)?.title))
  if (wanted !== found) return [`the sections differ: ${wanted}\nin the translation: ${found}`]
  return originals.flatMap((section, i) => compare(section, translations[i] ?? section))
}

/**
 * The translation with the marks of these sections renewed: somebody has looked at what changed.
 *
 * @param titles of the original's sections; `all` for every one.
 * @throws Error if there is no such section in both.
 */
export function accept(original: string, translation: string, titles: readonly string[]): string {
  const states = new Map(sectionsOf(original).map(section => [section.title, stateOf(section)]))
  const marked = new Set(sectionsOf(translation).map(section => originOf(section)?.title))
  for (const title of titles)
    if (title !== 'all' && !(states.has(title) && marked.has(title)))
      throw new Error(`there is no section "${title}" in both; there are: ${[...states.keys()].join(', ')}`)
  return translation.replace(new RegExp(MARK, 'gm'), (line, title: string) => {
    const state = states.get(title)
    const isWanted = titles.includes('all') || titles.includes(title)
    return state !== undefined && isWanted ? `<!-- from: ${title} ${state} -->` : line
  })
}

/** The sections of a page, in order; its beginning is the one of its title. A `#` inside a fenced block is none. */
export function sectionsOf(page: string): Section[] {
  const sections: Section[] = []
  let isFenced = false
  for (const line of page.split('\n')) {
    if (line.startsWith('```')) isFenced = !isFenced
    const [, marks = '', title] = (!isFenced && /^(#+) (.+)$/.exec(line)) || []
    const last = sections.at(-1)
    if (title !== undefined) sections.push({ level: marks.length, title, text: '' })
    else if (last) last.text += `${line}\n`
  }
  return sections
}

/** A text of a generated table in another language; one of code only stays. Undefined if there is none. */
export function translate(texts: Readonly<Record<string, string>>, text: string): string | undefined {
  return /[a-z]/i.test(text.replace(/`[^`]*`/g, '')) ? texts[text] : text
}

function compare(original: Section, translated: Section): string[] {
  const problems: string[] = []
  const say = (what: string) => problems.push(`"${original.title}": ${what}`)
  if (original.level !== translated.level) say('the heading has another level')
  if (blocksIn(original.text) !== blocksIn(translated.text)) say('the code blocks differ')
  if (tablesIn(original.text) !== tablesIn(translated.text) && !hasLink(translated.text))
    say('the generated tables differ')
  const [wanted, found] = [codesIn(original.text), codesIn(translated.text)]
  const missing = wanted.filter(code => !found.includes(code))
  const added = found.filter(code => !wanted.includes(code))
  if (missing.length > 0) say(`not in the translation: ${missing.join(', ')}`)
  if (added.length > 0) say(`only in the translation: ${added.join(', ')}`)
  if (originOf(translated)?.state !== stateOf(original))
    say(`the original has changed: look at it, then run: npm run docs -- --translated "${original.title}"`)
  return problems
}

function blocksIn(text: string): string {
  return (text.match(/^```[\s\S]*?^```$/gm) ?? []).join('\n')
}

function tablesIn(text: string): string {
  return (text.match(/^<!-- end of .* -->$/gm) ?? []).join(', ')
}

/** Instead of a table, a translation may lead to the one of the original. */
function hasLink(text: string): boolean {
  return /\]\([^)]*README\.md#/.test(text)
}

/** The words in backquotes; a translation may repeat or move them, but must have the same. */
function codesIn(text: string): string[] {
  const prose = written(text)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/<!--.*-->/g, '')
  return [...new Set(prose.match(/`[^`\n]+`/g) ?? [])].sort()
}

function stateOf({ title, text }: Section): string {
  return shortHash(`${title}\n${written(text)}`)
}

/** Generated tables do not count: they are made anew in the translation, too. */
function written(text: string): string {
  return text.replace(/(<!-- ([^\n:]+): [^\n]*-->\n)[\s\S]*?(<!-- end of \2 -->)/g, '$1$3').trim()
}

function originOf({ text }: Section): { title: string; state: string } | undefined {
  const [, title, state] = MARK.exec(text) ?? []
  return title === undefined || state === undefined ? undefined : { title, state }
}
