/**
 * Makes the code caches: `node --predictable code-cache.js FOLDER`, run by the Node.js of the binary they are for.
 * Each part is run once first (this only defines things), so that the cache contains what a start needs.
 * `--predictable` makes V8 produce the same bytes each time: no threads, no random numbers. A cache does not depend on
 * this flag.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { requireParts } from './parts.js'

/** This part is cached with all its functions, since a mount needs most of them. */
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
