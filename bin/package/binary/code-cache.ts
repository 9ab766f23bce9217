/**
 * Makes the code caches: `node --predictable code-cache.js FOLDER`, run by the Node of the binary they are for.
 * The parts are run once first (they only define things), so that the cache holds what a start needs.
 * `--predictable` makes V8 give the same bytes each time: no threads of its own, no random numbers. It is not one of the
 * flags that a cache is bound to.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { requireParts } from './parts.js'

/** Cached with all its functions, also those that loading it does not run: a mount needs most of them. */
const WHOLE = 'driver.js'

const folder = process.argv[2] ?? '.'
const names = readdirSync(folder).filter(name => name.endsWith('.js'))
const scripts = new Map<string, Script>()

setFlagsFromString('--no-flush-bytecode')
const require = requireParts(createRequire(import.meta.url), name => {
  setFlagsFromString(name === WHOLE ? '--no-lazy' : '--lazy')
  const script = new Script(readFileSync(join(folder, name), 'latin1'), { filename: name })
  scripts.set(name, script)
  return script.runInThisContext()
})
for (const name of names.sort()) require(`./${name}`)
setFlagsFromString('--lazy')
setFlagsFromString('--flush-bytecode')
for (const [name, script] of scripts) writeFileSync(join(folder, `${name}.cache`), script.createCachedData())
