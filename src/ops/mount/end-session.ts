import { fuseMonitors } from '../../core/ceph/monitors.js'
import { startDeadline } from '../../core/deadline.js'
import { toCephflexError } from '../../core/errors.js'
import { fuse, fuseKeyring } from '../../core/mounters/fuse.js'
import { stderrTail } from '../../core/mounters/stderr-tail.js'
import type { ClientState } from '../../core/target/state.js'
import { readAsset } from '../../system/assets.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { lifeOf } from '../namespaces/client-life.js'
import type { MountCall } from './call.js'

/** The Python of the distribution, which ceph-fuse requires, too. */
const PYTHON = '/usr/bin/python3'
const LIMIT_MS = 5_000

/** The call of a client that replaces another one. */
type Successor = Pick<MountCall, 'volume' | 'access' | 'deadline'>

/**
 * Ends the session of a client that has died, as the same user: else the MDS keeps what the client had locked until its
 * `session_timeout`. The cluster evicts the client, so nothing of it can arrive later. Needs libcephfs. Throws nothing:
 * without it, the next client waits.
 */
export async function endSession(system: System, call: Successor, dead: ClientState): Promise<void> {
  const { session } = dead
  if (session === undefined || lifeOf(system, dead) !== 'ended') return
  try {
    await reclaim(system, call, session)
  } catch (error) {
    system.log('session not ended', { reason: toCephflexError(error).message })
  }
}

async function reclaim(
  system: System,
  { volume, access, deadline }: Successor,
  session: string,
): Promise<void> {
  const limit = startDeadline(deadline.share(0.5, 1_000, LIMIT_MS))
  const monitors = fuseMonitors(await access.monitors(fuse, limit))
  const keyring = access.keyring()
  const key = access.key()
  const script = readAsset('python/end_session.py')
  const words = [volume.user, monitors, keyring.path, session, volume.path, volume.fsName ?? '']
  const result = await keyring.with(fuseKeyring(volume.user, key), () =>
    optional(system.run(PYTHON, ['-I', '-c', script, ...words], { timeoutMs: limit.left() })),
  )
  const { exitCode, timedOut, stderr = '', ms } = result ?? {}
  system.log('end session', { session, exitCode, timedOut, stderr: stderrTail(stderr, key), tookMs: ms })
}
