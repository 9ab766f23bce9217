import { wrap } from '../../text/wrap.js'
import type { Release } from '../release.js'

/**
 * CHANGELOG.md (Keep a Changelog) in Debian's format, for /usr/share/doc. `## [Unreleased]` belongs to the version that
 * is packaged, whose entry has the time of the build. Older versions have the date of their heading.
 */
export function debianChangelog(markdown: string, release: Release): string {
  const { name, version, maintainer, epoch } = release
  const entries = new Map<string, { date: Date; bodies: string[] }>()
  for (const part of markdown.split(/^## /m).slice(1)) {
    const [, title = '', day = ''] = /^\[?([^\]\s]+)\]?(?: - (\S+))?/.exec(part) ?? []
    const entry = title === 'Unreleased' ? version : title
    const date = entry === version ? new Date(epoch * 1000) : new Date(day)
    const { bodies } = entries.get(entry) ?? { bodies: [] }
    entries.set(entry, { date, bodies: [...bodies, ...groups(part)] })
  }
  return [...entries]
    .map(([entry, { date, bodies }]) => {
      const time = date.toUTCString().replace('GMT', '+0000')
      return `${name} (${entry}) unstable; urgency=medium\n\n${bodies.join('\n\n')}\n\n -- ${maintainer}  ${time}\n`
    })
    .join('\n')
}

/** The changes below each heading, without empty headings. */
function groups(body: string): string[] {
  return body
    .split(/^#{3,} /m)
    .slice(1)
    .flatMap(part => {
      const [title = ''] = part.split('\n')
      const changes = bullets(part)
      return changes === '' ? [] : [`  [ ${title.trim()} ]\n${changes}`]
    })
}

/** Bullets, in lines of at most 76 characters. */
function bullets(body: string): string {
  const items = body.replaceAll('**', '').split(/^- /m).slice(1)
  return items.map(item => `  * ${wrap(item, 76 - 4).join('\n    ')}`).join('\n')
}
