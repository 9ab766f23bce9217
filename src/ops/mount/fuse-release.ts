import type { System } from '../../system/system.js'

/** Starting ceph-fuse only for its version costs as much as half a mount. */
const VERSION_MS = 5_000

/**
 * The major release of the installed ceph-fuse, for example 16; undefined if
 * it does not say. Remembered until the program file is replaced.
 */
export async function fuseRelease({ config, files, find, run }: System): Promise<number | undefined> {
  const program = find('ceph-fuse')
  if (program === undefined) return undefined
  const key = files.version(program) ?? program
  const memory = `${config.runDirectory}/ceph-fuse-release`
  const [knownKey, known] = (files.read(memory) ?? '').split('\n')
  if (knownKey === key && known) return Number(known)
  const { stdout } = await run(program, ['--version'], { timeoutMs: VERSION_MS })
  const release = /^ceph version (\d+)\./.exec(stdout)?.[1]
  if (release === undefined) return undefined
  files.replace(memory, `${key}\n${release}\n`)
  return Number(release)
}
