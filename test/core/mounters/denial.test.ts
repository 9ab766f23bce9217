import t from 'tap'
import { type ClientStatus, denialOf } from '../../../src/core/mounters/denial.js'

const deny = (stderr: string, status?: ClientStatus, fsName?: string) => {
  const volume = { user: 'web', ...(fsName === undefined ? {} : { fsName }) }
  return denialOf(volume, { exitCode: 1, stderr, kernelLog: '', gaveUp: false, status })
}

// captured with 16.2.15
const MDS = 'ceph-fuse[24062]: ceph mount failed with (13) Permission denied'
const OTHER = `mds.0 rejected us (client doesn't have caps for FS "cephfs")`
const HUNG = { id: 4176, mds_epoch: 0, osd_epoch: 13 }

t.match(
  deny(MDS)?.text,
  /key of client\.web is right, but its mds caps refuse root .* uid=, gids= or network/,
)
t.match(deny(OTHER)?.text, /its mds caps do not name the file system cephfs/)
t.match(deny(OTHER)?.hint, /set the option fsName/)
t.match(deny(OTHER, undefined, 'b')?.hint, /correct fsName/)
t.match(deny('', HUNG)?.text, /its mon caps hide the default file system .* has no fsName/)
t.match(deny('', HUNG, 'b')?.text, /its mon caps hide the file system b$/)
t.match(deny('', { ...HUNG, osd_epoch: 0 })?.text, /its mon caps do not allow this node to read/)

for (const [stderr, status, rule] of [
  [`client.0 authentication failed: (13) Permission denied\n${MDS}`, undefined, 'a wrong key'],
  [`failed to fetch mon config (--no-mon-config to skip)\n${MDS}`, undefined, 'a wrong key'],
  ['', undefined, 'silence'],
  ['', { ...HUNG, id: 0 }, 'no monitor has accepted the key'],
  ['', { ...HUNG, mds_epoch: 9 }, 'the map came, so the MDS is slow'],
  ['', {}, 'a status without these fields'],
] as const)
  t.equal(deny(stderr, status), undefined, `not known: ${rule}`)
