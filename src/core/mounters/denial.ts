import { userOnce } from '../text/said-once.js'
import { shellWord } from '../text/shell.js'
import type { VolumeOptions } from '../volume/volume.js'
import type { Ending } from './mounter.js'

/** Which caps of a user do not fit, and what to do about it. */
export type Denial = { text: string; hint: string }

/**
 * What a client without a mount has heard from the monitors (admin socket, `status`). It has an id once its key was
 * accepted; an epoch of 0 is a map that it never got. `isHeld`: an MDS has opened its session, but does not answer its
 * request.
 */
export type ClientStatus = { id?: number; mds_epoch?: number; osd_epoch?: number; isHeld?: boolean }

const REFUSED_BY_MDS = /mount failed with \(13\)/
const REFUSED_BY_MONITOR = /(?:authentication|subscription) fail|failed to fetch mon config/
const OTHER_FS = /client doesn't have caps for FS "([^"]*)"/

/** The caps that kept ceph-fuse out, as far as it is known after its key was accepted; undefined if it is not. */
export function denialOf(
  { user, fsName }: Pick<VolumeOptions, 'user' | 'fsName'>,
  { stderr, status }: Ending,
): Denial | undefined {
  const who = `the key of ${userOnce(user)} is right, but`
  const caps = `"ceph auth get ${shellWord(`client.${user}`)}"`
  const [, otherFs] = OTHER_FS.exec(stderr) ?? []
  if (otherFs !== undefined)
    return {
      text: `${who} its mds caps do not name the file system ${otherFs}`,
      hint: `${fsName === undefined ? 'set the option fsName to' : 'correct fsName: compare it with'} the file system in ${caps}`,
    }
  if (REFUSED_BY_MDS.test(stderr) && !REFUSED_BY_MONITOR.test(stderr))
    return {
      text: `${who} its mds caps refuse root of this node: they contain uid=, gids= or network`,
      hint: `correct the mds caps in ${caps}: root of this node must fit uid=, gids= and network`,
    }
  if (!status?.id || status.mds_epoch !== 0) return undefined
  if (!status.osd_epoch)
    return {
      text: `${who} its mon caps do not allow this node to read`,
      hint: `give it the mon caps "allow r", without a network that excludes this node: compare with ${caps}`,
    }
  return {
    text: `${who} its mon caps hide ${fsName === undefined ? 'the default file system (or there is none), and the volume has no fsName' : `the file system ${fsName}`}`,
    hint: `set the option fsName to the file system after fsname= in ${caps}`,
  }
}
