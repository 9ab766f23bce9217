type Releases = { first?: number; last?: number }

/**
 * Options that not every release of ceph-fuse from 14 to 20 takes: the first
 * or last major release that does, as far as tried. The others refuse the
 * option or, worse, do something else: 14.2 reads `--fuse_max_write=N` as a
 * second target, and with `max_read` 18.2 exits 0 and mounts nothing. Found
 * with 14.2, 16.2, 18.2 and 20.2 by `npm run test:ceph`;
 * `test/core/mounters/fuse-releases.test.ts` holds what was printed.
 */
export const RELEASES: ReadonlyMap<string, Releases> = new Map([
  // before: client_mds_namespace, which works with every release so far
  ['client_fs', { first: 16 }],
  ['client_quota', { first: 16 }],
  ['fuse_max_write', { first: 16 }],
  ['fuse_splice_move', { first: 16 }],
  ['fuse_splice_read', { first: 16 }],
  ['fuse_splice_write', { first: 16 }],
  // libfuse 3 wants it said twice, which ceph-fuse does not do
  ['max_read', { last: 16 }],
])

/** Whether one of these options, `--name=value` or `name=value`, may depend on the release. */
export function dependsOnRelease(options: readonly string[]): boolean {
  return options.some(option => RELEASES.has(nameOf(option)))
}

/** The first of these options that a release does not take, by name; none if the release is unknown. */
export function firstRefused(release: number | undefined, options: readonly string[]): string | undefined {
  return release === undefined ? undefined : options.map(nameOf).find(name => !takes(release, name))
}

/** Whether a release takes the option of this name. */
export function takes(release: number, name: string): boolean {
  const { first = 0, last = Number.POSITIVE_INFINITY } = RELEASES.get(name) ?? {}
  return first <= release && release <= last
}

function nameOf(option: string) {
  return option.replace(/^--/, '').replace(/=.*/s, '')
}
