type Releases = { first?: number; last?: number }

/**
 * Options that not every release of ceph-fuse from 14 to 20 supports: the first or last major release that does, among
 * those tested. The others refuse the option or, worse, do something else: 14.2 reads `--fuse_max_write=N` as a second
 * target, and with `max_read` 18.2 exits 0 and mounts nothing. Found with 14.2, 16.2, 18.2 and 20.2 by
 * `npm run test:ceph`; `test/core/mounters/fuse-releases.test.ts` has the captured output.
 */
export const RELEASES: ReadonlyMap<string, Releases> = new Map([
  // older releases: client_mds_namespace, which every release so far supports
  ['client_fs', { first: 16 }],
  ['client_quota', { first: 16 }],
  ['fuse_max_write', { first: 16 }],
  ['fuse_splice_move', { first: 16 }],
  ['fuse_splice_read', { first: 16 }],
  ['fuse_splice_write', { first: 16 }],
  // libfuse 3 needs it in two places, but ceph-fuse passes it in one
  ['max_read', { last: 16 }],
])

/** Whether support for one of these options (`--name=value` or `name=value`) depends on the release. */
export function dependsOnRelease(options: readonly string[]): boolean {
  return options.some(option => RELEASES.has(nameOf(option)))
}

/** The name of the first of these options that a release does not support; undefined if the release is unknown. */
export function firstRefused(release: number | undefined, options: readonly string[]): string | undefined {
  return release === undefined ? undefined : options.map(nameOf).find(name => !takes(release, name))
}

/** Whether a major release supports the option of this name. */
export function takes(release: number, name: string): boolean {
  const { first = 0, last = Number.POSITIVE_INFINITY } = RELEASES.get(name) ?? {}
  return first <= release && release <= last
}

function nameOf(option: string) {
  return option.replace(/^--/, '').replace(/=.*/s, '')
}
