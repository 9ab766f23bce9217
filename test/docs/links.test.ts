import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { sectionsOf } from '../../bin/docs/translation.js'
import { PAGES } from './examples.js'

/** The anchors that GitHub creates for headings. */
const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const README = 'README.md'
const ALL = [...PAGES, 'CHANGELOG.md', 'src/assets/docs/README.zh-CN.md']

for (const page of ALL) {
  const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gm, '')
  for (const [, path = '', anchor] of text.matchAll(/\]\(((?!https?:)[^)#]*)(?:#([^)]+))?\)/g)) {
    const file = path === '' ? page : join(dirname(page), path)
    t.ok(existsSync(file), `${page}: ${path}`)
    if (anchor === undefined) continue
    const anchors = sectionsOf(readFileSync(file, 'utf8')).map(({ title }) => anchorOf(title))
    t.ok(anchors.includes(anchor), `${page}: ${path}#${anchor}`)
  }
}

const readme = readFileSync(README, 'utf8')
for (const page of PAGES.filter(name => name.startsWith('src/assets/docs/')))
  t.match(
    readme,
    new RegExp(`^- \\[[\\w-]+\\]\\(${page}\\): .+\\.$`, 'm'),
    `the README lists ${page} on one line`,
  )
