import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Test } from 'tap'

/** Made by release-0.1.0.sh. */
const PROGRAM = 'test/lab/release-0.1.0.mjs.gz'

/** The program of release 0.1.0, the last one whose pods did not share a client. It is removed with the test. */
export function previousRelease(t: Test): string {
  const directory = mkdtempSync('/tmp/cephflex-release-')
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const program = `${directory}/cephflex.mjs`
  writeFileSync(program, gunzipSync(readFileSync(PROGRAM)), { mode: 0o755 })
  return program
}
