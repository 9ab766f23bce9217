// Runtime dependencies: few, pinned by hash, and none runs a script when it is installed.
import { readFileSync } from 'node:fs'
import t from 'tap'

type Locked = {
  dev?: boolean
  optional?: boolean
  hasInstallScript?: boolean
  integrity?: string
  resolved?: string
  link?: boolean
}
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, Locked>
}
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  dependencies: Record<string, string>
}
const runtime = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev)
/** The Node.js of the packaged binaries: fetched to build them, not to run from a checkout. */
const imported = runtime.filter(([, { optional }]) => !optional)

const MOST = 40
t.ok(
  imported.length > 0 && imported.length <= MOST,
  `${imported.length} packages at runtime, at most ${MOST}`,
)
t.strictSame(
  imported.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
  [],
  'none runs a script when it is installed',
)
t.strictSame(
  imported.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path),
  [],
  'each is pinned by its SHA-512',
)
t.strictSame(
  imported.filter(([, { resolved = 'https://' }]) => !resolved.startsWith('https://')).map(([path]) => path),
  [],
  'and is downloaded over TLS',
)
const text = readFileSync('CONTRIBUTING.md', 'utf8')
for (const name of Object.keys(dependencies))
  t.match(text, new RegExp(`^- \`${name}\``, 'm'), `CONTRIBUTING.md has the reason for ${name}`)
