import { readFileSync } from 'node:fs'
import t from 'tap'
import { VERSION, versionText } from '../../src/core/version.js'

// relative to dist/test/core
const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
type Package = { version: string; pkg: { targets: string[] }; optionalDependencies: Record<string, string> }
const { version, pkg, optionalDependencies } = JSON.parse(text) as Package
t.equal(VERSION, version, 'the version is that of package.json')
t.match(VERSION, /^\d+\.\d+\.\d+$/, 'three numbers')
t.equal(
  versionText('Node.js 24.1.0', 'arm64'),
  `cephflex ${VERSION} (checkout, Node.js 24.1.0, arm64)`,
  'version, build, engine and processor',
)
t.strictSame(
  pkg.targets,
  ['x64', 'arm64'].map(arch => `node${optionalDependencies[`node-linux-${arch}`]}-linux-${arch}`),
  'pkg uses the same Node.js',
)
