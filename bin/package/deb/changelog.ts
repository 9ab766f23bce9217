import { wrap } from '../../text/wrap.js'
import type { Release } from '../release.js'

/**
 * CHANGELOG.md in Debian's form, for /usr/share/doc. `## Unreleased` is the version being packaged; all entries carry
 * its time (seconds), since a heading has none.
 */
export function debianChangelog(markdown: string, release: Release): string {
  const { name, version, maintainer, epoch } = release
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')
  return markdown
    .split(/^## /m)
    .slice(1)
    .map(part => {
      const [heading = '', ...lines] = part.split('\n')
      const entry = heading.trim() === 'Unreleased' ? version : heading.trim().split(' ')[0]
      const body = lines.join('\n').trim()
      return `${name} (${entry}) unstable; urgency=medium\n\n${bullets(body)}\n\n -- ${maintainer}  ${date}\n`
    })
    .join('\n')
}

/** One bullet a paragraph, in lines of at most 76 characters. */
function bullets(body: string): string {
  const items = body.replaceAll('**', '').split(/^- /m).slice(1)
  return items.map(item => `  * ${wrap(item, 76 - 4).join('\n    ')}`).join('\n')
}
