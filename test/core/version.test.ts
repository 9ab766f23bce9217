import { readFileSync } from 'node:fs'
import t from 'tap'
import { VERSION, versionText } from '../../src/core/version.js'

// from dist/test/core
const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
t.equal(VERSION, (JSON.parse(text) as { version: string }).version, 'the version is that of the package')
t.match(VERSION, /^\d+\.\d+\.\d+$/, 'three numbers')
t.equal(
  versionText('24.1.0', 'arm64'),
  `cephflex ${VERSION} (checkout, Node.js 24.1.0, arm64)`,
  'all that is known',
)
