import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import t from 'tap'
import { PARTS } from '../../bin/package/binary/bundle.js'

/** All imports of a file, static and dynamic, followed through the files of this project. */
const imports = (file: URL, seen = new Set<string>()): Set<string> => {
  const text = readFileSync(file, 'utf8')
  const found = [
    ...text.matchAll(/^(?:import|export) .*?from '([^']+)'/gms),
    ...text.matchAll(/\bimport\('([^']+)'\)/g),
  ]
  for (const [, name = ''] of found) {
    const key = name.startsWith('.') ? new URL(name, file).href : name
    if (seen.has(key)) continue
    seen.add(key)
    if (name.startsWith('.')) imports(new URL(name, file), seen)
  }
  return seen
}

const source = (name: string): URL => new URL(`../../src/${name}.js`, import.meta.url)

/** Only these: any other takes longer to load than the whole call takes in this process, or is not needed. */
const ALLOWED = [
  '@noble/hashes/hmac.js',
  'node:child_process',
  'node:fs',
  'node:net', // only to explain a failure
  'node:path',
  'node:path/posix',
  'node:url', // only to end the session of a client that died
  '@noble/hashes/sha2.js',
  '@noble/hashes/utils.js',
  'zod/mini',
]

const outside = [...imports(source('cli/driver/driver'))].filter(name => !name.startsWith('file:')).sort()
t.strictSame(outside, ALLOWED.toSorted(), 'a driver call loads this and nothing else')
t.notOk(
  outside.some(name => builtinModules.includes(name)),
  "Node's own modules are imported with node:",
)

for (const name of [
  'config/node-config',
  'target/unmount-request',
  'target/target',
  'ceph/monitors',
  'mount-options/mount-options',
  'volume/cephx-key',
]) {
  t.notOk(imports(source(`core/${name}`)).has('zod/mini'), `${name} does not load zod`)
}
for (const name of ['volume/options', 'config/node-config-schema']) {
  t.ok(imports(source(`core/${name}`)).has('zod/mini'), `${name} loads zod, so this test would notice it`)
}
const main = readFileSync(source('main'), 'utf8')
t.strictSame(
  [...main.matchAll(/^import .*?from '\.\/([^']+)'/gms)].map(([, name]) => name).toSorted(),
  ['cli/commands.js', 'system/output.js'],
  'init loads the names of the commands and what writes the reply',
)
const entry = readFileSync(new URL('../../bin/cephflex.js', import.meta.url), 'utf8')
t.strictSame(
  [...entry.matchAll(/^import .*?from '([^']+)'/gms)].map(([, name]) => name),
  ['../src/system/engine.js'],
  'before that, only what hides the arguments is loaded',
)
t.strictSame(imports(source('system/engine')), new Set(['node:fs']), 'which loads only node:fs')
t.strictSame(imports(source('cli/commands')), new Set(), 'the registry of commands loads nothing')
t.strictSame(imports(source('system/output')), new Set(['node:fs']), 'and the reply only node:fs')

const later = [...main.matchAll(/\bimport\('\.\/([^']+)'\)/g)].map(([, name]) => name)
t.strictSame(later.toSorted(), PARTS.toSorted(), 'what main loads later is not read by init in the package')
