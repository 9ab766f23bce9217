import { dirname, resolve } from 'node:path/posix'
import { startDeadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import { shownPath } from '../../core/text/printable.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { makeStage } from '../target/stage.js'
import { type Attempt, runAttempt } from './attempt.js'
import { kindsAlong } from './kinds-along.js'

/** A client that mounts at all has done so by then. */
const LOOK_MS = 5_000
const LOOK_GIVE_UP_S = 3

/**
 * Names the part of a path that is not a directory: a client reports a symbolic link and a file in the same way. For
 * that it mounts the root of the file system, or the directory above the path, on a private stage.
 *
 * @returns the error as it was if the user may see neither, or if there is no time left.
 */
export async function explainNotDirectory(
  system: System,
  attempt: Attempt,
  error: CephflexError,
): Promise<CephflexError> {
  const { path } = attempt.volume
  for (const above of new Set(['/', dirname(path)])) {
    if (attempt.deadline.left() < LOOK_MS) return error
    const found = await lookBelow(system, attempt, above)
    if (found !== undefined) return describe(path, found)
  }
  return error
}

/** What is not a directory, and where it leads to if it is a link. */
type Oddity = { at: string; kind: string; link: string }

async function lookBelow(system: System, attempt: Attempt, above: string): Promise<Oddity | undefined> {
  const limit = startDeadline(LOOK_MS)
  const stage = makeStage(system, attempt.owner, attempt.deadline, 'look')
  const { path } = attempt.volume
  const base = above === '/' ? '' : above
  const volume = { ...attempt.volume, path: above, readOnly: true }
  const look = { ...attempt, target: stage.target, volume, giveUpS: LOOK_GIVE_UP_S, limit }
  try {
    const { exitCode } = await runAttempt(system, look)
    if (exitCode !== 0) return undefined
    const within = path.slice(base.length + 1)
    const { kinds } = await kindsAlong(system, stage.target, within, limit)
    const kind = kinds.at(-1)
    if (kind === undefined || kind === 'directory') return undefined
    const odd = within.split('/').slice(0, kinds.length).join('/')
    const argv = ['--', `${stage.target}/${odd}`]
    const options = { timeoutMs: limit.share(1, 500, LOOK_MS), isCleanup: true }
    const result = await optional(system.run('readlink', argv, options))
    return { at: `${base}/${odd}`, kind, link: (result?.stdout ?? '').replace(/\n$/, '') }
  } finally {
    await stage.clear()
  }
}

function describe(path: string, { at, kind, link }: Oddity): CephflexError {
  const rest = path.slice(at.length)
  if (kind !== 'symbolic link')
    return new CephflexError('ENOTDIR', `${shownPath(at)} is a ${kind}, not a directory`)
  // an absolute link is one of the machine that made it, where the file system may be mounted anywhere
  const hint = link.startsWith('/')
    ? 'set the volume option path to the directory that the link leads to'
    : `set the volume option path to ${shownPath(`${resolve(dirname(at), link)}${rest}`)}`
  return new CephflexError(
    'ENOTDIR',
    `${shownPath(at)} is a symbolic link to ${shownPath(link)}, and clients do not follow links in a path`,
    { hint },
  )
}
