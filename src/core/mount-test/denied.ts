import type { TestStep } from './steps.js'

/** Who is denied what: the user, the path of its volume, and the pool of its files if it is known. */
export type DeniedFor = { user: string; path: string; pool?: string | undefined }

/** What the caps of a user do not allow, if that is why a step failed. The text of the program is quoted at the end. */
export function deniedBy(
  { needs }: TestStep,
  output: string,
  { user, path, pool }: DeniedFor,
): string | undefined {
  if (needs === undefined || !/Operation not permitted|Permission denied/i.test(output)) return undefined
  const [daemon, access] = needs
  const check = `check "ceph auth get client.${user}"`
  if (daemon === 'mds')
    return `the mds caps of client.${user} do not allow ${access === 'w' ? 'writing' : 'reading'} in ${path}: ${check} for "r" without "w", root_squash, uid= or another path (${output})`
  const doing = access === 'w' ? 'writing to the pool' : 'reading from the pool'
  const effect =
    access === 'w' ? 'files can be created, but stay empty' : 'files can be written, but not read'
  const where = pool === undefined ? 'of this directory' : pool
  return `the osd caps of client.${user} do not allow ${doing} ${where}: ${effect}; ${check}: osd must be "allow rw" for this pool (${output})`
}
