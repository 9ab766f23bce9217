import { readFileSync } from 'node:fs'
import t from 'tap'
import { debianChangelog } from '../../bin/package/deb/changelog.js'

const RELEASE = {
  root: '.',
  output: '.',
  name: 'cephflex',
  version: '0.2.0',
  description: '',
  maintainer: 'A B <a@b.example>',
  epoch: 1_800_000_000,
  licenses: { x64: '', arm64: '' },
}
const NOW = 'Fri, 15 Jan 2027 08:00:00 +0000'

const MARKDOWN = `# Changelog

Text.

## [Unreleased]

### Fixed

- one
  more

## [0.1.0] - 2026-11-24

The first version.

### Added

#### Driver

- **two**
- three
`

t.equal(
  debianChangelog(MARKDOWN, RELEASE),
  `cephflex (0.2.0) unstable; urgency=medium

  [ Fixed ]
  * one more

 -- A B <a@b.example>  ${NOW}

cephflex (0.1.0) unstable; urgency=medium

  [ Driver ]
  * two
  * three

 -- A B <a@b.example>  Tue, 24 Nov 2026 00:00:00 +0000
`,
  'the unreleased changes belong to the version being packaged',
)
t.match(
  debianChangelog(MARKDOWN, { ...RELEASE, version: '0.1.0' }),
  /^cephflex \(0\.1\.0\).*\n\n {2}\[ Fixed \]\n {2}\* one more\n\n {2}\[ Driver \]\n {2}\* two\n {2}\* three\n\n -- .* 2027 [^\n]*\n$/,
  'one entry per version',
)

t.test('CHANGELOG.md', async t => {
  const text = readFileSync('CHANGELOG.md', 'utf8')
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading)
  t.equal(headings.shift(), '[Unreleased]', 'starts with the unreleased changes')
  for (const heading of headings) t.match(heading, /^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/, heading)
  for (const [, heading] of text.matchAll(/^### (.*)$/gm))
    t.match(heading, /^(Added|Changed|Deprecated|Removed|Fixed|Security)$/, 'a heading of Keep a Changelog')
  const made = debianChangelog(text, RELEASE)
  t.equal(made.match(/^ {2}\* /gm)?.length, text.match(/^- /gm)?.length, 'no change is lost')
  t.notMatch(made, /Invalid|^.{81}/m)
})
