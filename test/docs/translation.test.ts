import { readFileSync } from 'node:fs'
import t from 'tap'
import { sectionsOf, staleSections } from '../../bin/docs/translation.js'

const ORIGINAL = '# A\n\nText.\n\n## B\n\n```sh\n# no heading\n```\n\n<!-- t: x -->\n1\n<!-- end of t -->\n'

/** A translation of ORIGINAL with the marks that the check asks for. */
const translated = (original: string) => {
  const [a, b] = staleSections(original, '').map(line => /<!-- .* -->$/.exec(line)?.[0])
  return `# 甲\n${a}\n\n文。\n\n## 乙\n${b}\n\n[表](x)\n`
}
const CURRENT = translated(ORIGINAL)

t.strictSame(staleSections(ORIGINAL, CURRENT), [], 'a current translation')
t.strictSame(staleSections(ORIGINAL.replace('\n1\n', '\n2\n'), CURRENT), [], 'generated tables do not count')
for (const [what, original, translation, expected] of [
  [
    'a changed sentence',
    ORIGINAL.replace('Text', 'Words'),
    CURRENT,
    [/^"A" is older than its source; .* A \w{16} -->$/],
  ],
  ['a changed command', ORIGINAL.replace('# no', '# none'), CURRENT, [/^"B" is older than its source/]],
  ['a new section', `${ORIGINAL}## C\n`, CURRENT, [/^"C" is missing/]],
  [
    'a renamed section',
    ORIGINAL.replace('## B', '## C'),
    CURRENT,
    [/^"B" marks .* does not have/, /^"C" is missing/],
  ],
  ['no mark', ORIGINAL, CURRENT.replace(/<!-- from: B .*/, ''), [/^"\(a section without/, /^"B" is missing/]],
] as const)
  t.match(staleSections(original, translation), expected, what)

t.test('the Chinese README', async t => {
  const readme = readFileSync('README.md', 'utf8')
  const chinese = readFileSync('src/assets/docs/README.zh-CN.md', 'utf8')
  const titles = sectionsOf(readme).map(({ title }) => title)
  for (const { title, text } of sectionsOf(chinese)) {
    const [, source = ''] = /^<!-- from: (.+) [0-9a-f]{16} -->\n/.exec(text) ?? []
    t.ok(titles.includes(source), `${title}: marked with the English section it comes from: ${source}`)
  }
  // a section may be older than its source; "npm run docs" lists those
  for (const line of staleSections(readme, chinese)) t.comment(line)
})
