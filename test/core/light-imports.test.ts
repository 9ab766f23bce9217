import { readFileSync } from 'node:fs'
import t from 'tap'

const imports = (file: URL, seen = new Set<string>()): Set<string> => {
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) .*?from '([^']+)'/gms,
  )) {
    const key = name.startsWith('.') ? new URL(name, file).href : name
    if (seen.has(key)) continue
    seen.add(key)
    if (name.startsWith('.')) imports(new URL(name, file), seen)
  }
  return seen
}

const core = (name: string): URL => new URL(`../../src/core/${name}.js`, import.meta.url)

for (const name of ['node-config', 'unmount-request', 'target', 'monitors', 'mount-options', 'cephx-key']) {
  t.notOk(imports(core(name)).has('zod'), `${name} does not load zod`)
}
for (const name of ['options', 'node-config-schema']) {
  t.ok(imports(core(name)).has('zod'), `${name} does, so this test can see it`)
}
