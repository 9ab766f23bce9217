import t from 'tap'
import { fuse } from '../../../src/core/mounters/fuse.js'
import { dependsOnRelease, firstRefused, RELEASES, takes } from '../../../src/core/mounters/fuse-releases.js'
import type { MountContext } from '../../../src/core/mounters/mounter.js'
import { volume } from '../../support/volumes.js'

/** For every row: a release that does not support the option, and what it printed. */
const CAPTURED: Record<string, [release: number, line: string]> = {
  client_fs: [14, "fuse: unknown option `--client_fs=cephfs'"],
  client_quota: [14, "fuse: unknown option `--client_quota=true'"],
  fuse_max_write: [14, "fuse: bad mount point `max_write=131072': No such file or directory"],
  fuse_splice_move: [14, "fuse: unknown option `--fuse_splice_move=true'"],
  fuse_splice_read: [14, "fuse: unknown option `--fuse_splice_read=true'"],
  fuse_splice_write: [14, "fuse: unknown option `--fuse_splice_write=true'"],
  max_read: [
    18,
    'fuse: error: init() and fuse_session_new() requested different maximum read size (0 vs 131072)',
  ],
}
t.strictSame(Object.keys(CAPTURED).sort(), [...RELEASES.keys()].sort(), 'every row has a captured refusal')

const context = (release: number | undefined, option: string): MountContext => ({
  target: '/pods/a',
  volume: volume({
    options: option.startsWith('--')
      ? { fuse: [], fuseFlags: [option], kernel: [] }
      : { fuse: [option], fuseFlags: [], kernel: [] },
  }),
  monitors: volume().monitors,
  credentialFile: '/run/k',
  giveUpS: 30,
  adminSocket: '/run/a.asok',
  logFile: '/var/log/a.log',
  hasHelper: true,
  ...(release === undefined ? {} : { release: release }),
})

for (const [name, [release, line]] of Object.entries(CAPTURED)) {
  const option = name === 'max_read' ? 'max_read=131072' : `--${name}=1`
  t.match(line, /unknown option|bad mount point|different maximum/, `${name}: ${line}`)
  t.ok(dependsOnRelease(['--client_oc=true', option]), `${name}: the release is looked up`)
  t.notOk(takes(release, name), `${name}: not with ${release}`)
  t.ok(takes(16, name), `${name}: with 16`)
  t.throws(
    () => fuse.argv(context(release, option)),
    { code: 'EOPTION', message: `ceph-fuse ${release} on this node does not support ${name}` },
    `${name}: refused before ceph-fuse can misinterpret it`,
  )
  for (const other of [16, undefined])
    t.ok(
      fuse.argv(context(other, option)).includes(option),
      `${name}: ${other ?? 'an unknown release'} accepts it`,
    )
}
t.notOk(
  takes(15, 'client_fs') || takes(17, 'max_read'),
  'a release that was never tested is assumed not to support it',
)
t.ok(takes(20, 'client_quota') && takes(14, 'max_read'))
t.notOk(dependsOnRelease(['--client_oc=true', '--client_quota_df=true']), 'only complete names match')
t.equal(firstRefused(14, ['--client_oc=false', '--client_quota=true', '--fuse_max_write=1']), 'client_quota')
t.equal(firstRefused(undefined, ['--client_quota=true']), undefined)
