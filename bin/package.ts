/**
 * `npm run package`: dist/pkg with the binaries for x64 and arm64, Debian packages, an OCI image, checksums and a bill
 * of materials. `npm run package -- binaries` leaves the packages out, `-- binaries deb` makes only the Debian ones,
 * `-- context` the folder for container engines.
 */
import { join } from 'node:path'
import { ALL, KNOWN, makePackages, type Packager } from '../src/packaging/package.js'

const started = Date.now()
const say = (line: string) =>
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)

const wanted = process.argv.slice(2)
const unknown = wanted.filter(word => word !== 'binaries' && !KNOWN.includes(word as Packager))
try {
  if (unknown.length > 0)
    throw new Error(`cannot make ${unknown.join(', ')}; choose among binaries, ${KNOWN.join(', ')}`)
  const packagers = wanted.length > 0 ? KNOWN.filter(each => wanted.includes(each)) : ALL
  await makePackages(join(import.meta.dirname, '../..'), packagers, say)
} catch (error) {
  process.stderr.write(`package: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
