import { shortHash } from '../../src/core/text/short-hash.js'
import { GENERATED } from './tables.js'

/** The marker below each heading of a translation: the title and hash of the English section that was translated. */
const MARK = /^<!-- from: (.+) ([0-9a-f]{16}) -->$/m

/**
 * The sections of a translation that are older than their English source.
 *
 * @returns one line for each section that needs work, with its new marker; empty if all are current.
 */
export function staleSections(original: string, translation: string): string[] {
  const marked = new Map(sectionsOf(translation).map(({ text }) => markOf(text)))
  const current = new Map(sectionsOf(original).map(section => [section.title, hashOf(section)]))
  const unknown = [...marked.keys()].filter(title => !current.has(title))
  return [
    ...unknown.map(title => `"${title}" marks a section that the original does not have`),
    ...[...current].flatMap(([title, hash]) => {
      if (marked.get(title) === hash) return []
      const problem = marked.has(title) ? 'is older than its source' : 'is missing'
      return [`"${title}" ${problem}; once it is translated, mark it <!-- from: ${title} ${hash} -->`]
    }),
  ]
}

type Section = { title: string; text: string }

/** The sections of a page, in order. A `#` in a fenced block does not start one. */
export function sectionsOf(page: string): Section[] {
  const sections: Section[] = []
  let isFenced = false
  for (const line of page.split('\n')) {
    if (line.startsWith('```')) isFenced = !isFenced
    const title = isFenced ? undefined : /^#+ (.+)$/.exec(line)?.[1]
    const last = sections.at(-1)
    if (title !== undefined) sections.push({ title, text: '' })
    else if (last) last.text += `${line}\n`
  }
  return sections
}

function markOf(text: string): [title: string, hash: string] {
  const [, title = '(a section without a mark)', hash = ''] = MARK.exec(text) ?? []
  return [title, hash]
}

/** Excludes generated parts: the translation links to them. */
function hashOf({ title, text }: Section): string {
  return shortHash(`${title}\n${text.replace(GENERATED, '$1$3').trim()}`)
}
