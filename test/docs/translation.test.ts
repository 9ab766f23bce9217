import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { fillTranslated } from '../../bin/docs/readme.js'
import { accept, differences, sectionsOf, translate } from '../../bin/docs/translation.js'
import { ZH_CN } from '../../bin/docs/zh-CN.js'

const CHINESE = 'src/assets/docs/README.zh-CN.md'

t.test('the Chinese README is in step', async t => {
  const readme = readFileSync('README.md', 'utf8')
  const chinese = readFileSync(CHINESE, 'utf8')
  t.strictSame(differences(readme, chinese), [], 'with the README')
  t.equal(fillTranslated(chinese, ZH_CN), chinese, 'with the code; if not, run "npm run docs"')
})

t.test('links of both lead somewhere', async t => {
  for (const page of ['README.md', CHINESE]) {
    const text = readFileSync(page, 'utf8')
    const links = [...text.matchAll(/\]\(([^)#]*)(?:#([^)]+))?\)/g)]
    t.ok(links.length > 5)
    for (const [, path = '', anchor] of links) {
      const file = path === '' ? page : join(dirname(page), path)
      t.ok(existsSync(file), `${page}: ${path}`)
      if (anchor === undefined) continue
      const anchors = sectionsOf(readFileSync(file, 'utf8')).map(({ title }) =>
        title.toLowerCase().replaceAll(' ', '-'),
      )
      t.ok(anchors.includes(anchor), `${page}: ${path}#${anchor}`)
    }
  }
})

const ORIGINAL =
  '# A\n\nWith `code`.\n\n## B\n\n```sh\n# no heading\n```\n\n<!-- t: x -->\n1\n<!-- end of t -->\n'
const TRANSLATED = accept(
  ORIGINAL,
  '# 甲\n<!-- from: A new -->\n\n用 `code`。\n\n## 乙\n<!-- from: B new -->\n\n```sh\n# no heading\n```\n\n<!-- t: x -->\n2\n<!-- end of t -->\n',
  ['all'],
)

t.test('in step', async t => {
  t.strictSame(differences(ORIGINAL, TRANSLATED), [])
  t.strictSame(
    differences(ORIGINAL.replace('\n1\n', '\n3\n'), TRANSLATED),
    [],
    'generated tables do not count',
  )
})

for (const [what, original, translated, problem] of [
  [
    'a changed sentence',
    ORIGINAL.replace('With', 'Without'),
    TRANSLATED,
    /"A": the original has changed.*"A"$/,
  ],
  ['a changed heading', ORIGINAL.replace('## B', '## C'), TRANSLATED, /the sections differ: A \| C/],
  ['a new section', `${ORIGINAL}## C\n`, TRANSLATED, /the sections differ/],
  ['a section too many', ORIGINAL, `${TRANSLATED}## 丙\n`, /the sections differ/],
  ['a changed command', ORIGINAL, TRANSLATED.replace('# no heading', '# 无'), /"B": the code blocks differ/],
  ['a changed word in code', ORIGINAL, TRANSLATED.replace('`code`', '`c`'), /not in the translation: `code`/],
  ['another level', ORIGINAL, TRANSLATED.replace('## 乙', '### 乙'), /another level/],
  ['a missing table', ORIGINAL, TRANSLATED.replace(/<!-- t[\s\S]*/, ''), /generated tables differ/],
] as const)
  t.test(what, async t => {
    t.match(differences(original, translated)[0], problem)
  })

t.test('a link instead of a table', async t => {
  const linked = TRANSLATED.replace(/<!-- t[\s\S]*/, '[表](../README.md#b)\n')
  t.strictSame(differences(ORIGINAL, linked), [])
})

t.test('accepting', async t => {
  const changed = ORIGINAL.replace('With', 'Without').replace('no heading', 'none')
  const looked = accept(changed, TRANSLATED, ['A'])
  t.match(differences(changed, looked), [/^"B": the code blocks/, /^"B": the original has changed/])
  t.throws(() => accept(ORIGINAL, TRANSLATED, ['Z']), { message: /no section "Z" in both; there are: A, B/ })
})

t.test('texts of tables', async t => {
  t.equal(translate({}, '`60`'), '`60`', 'code is code')
  t.equal(translate({ a: '甲' }, 'a'), '甲')
  t.equal(translate({}, 'a'), undefined)
  t.throws(() => fillTranslated('', {}), { message: /^not translated:\noption\n/ }, 'all of them at once')
})
