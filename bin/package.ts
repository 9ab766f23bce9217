/** `npm run package`: the binaries for x64 and arm64 in dist/pkg, with checksums and a bill of materials. */
import { join } from 'node:path'
import { makePackages } from '../src/packaging/package.js'

const started = Date.now()
const say = (line: string) =>
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)
await makePackages(join(import.meta.dirname, '../..'), say)
