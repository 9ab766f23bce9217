/**
 * `npm run package`: makes dist/pkg with the binaries for x64 and arm64, Debian and RPM packages, an OCI image, checksums
 * and a bill of materials. `npm run package -- binaries` makes no packages, `-- binaries deb` only the Debian packages,
 * `-- context` the folder for container engines.
 */
import { join } from 'node:path'
import { interruptible } from '../../src/cli/interrupts.js'
import { streams } from '../../src/cli/terminal/command-io.js'
import { withProgress } from '../../src/cli/terminal/progress.js'
import { packageInChild } from './in-child.js'
import { ALL, KNOWN, type Packager } from './package.js'

const io = streams()
const wanted = process.argv.slice(2)
const unknown = wanted.filter(word => word !== 'binaries' && !KNOWN.includes(word as Packager))
try {
  if (unknown.length > 0)
    throw new Error(`cannot make ${unknown.join(', ')}; choose among binaries, ${KNOWN.join(', ')}`)
  const packagers = wanted.length > 0 ? KNOWN.filter(each => wanted.includes(each)) : ALL
  const root = join(import.meta.dirname, '../../..')
  await withProgress(
    io,
    'packaging',
    ({ done }) => interruptible(signal => packageInChild({ root, packagers, signal, report: done })),
    io.out,
  )
} catch (error) {
  io.err(`package: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
