import { CephflexError, toCephflexError } from '../../core/errors.js'
import { answersInit } from '../../core/kubelet/init-reply.js'
import { driverFiles } from '../../system/driver-files.js'
import type { System } from '../../system/system.js'

const CHILD_MS = 30_000

/** Directories for the files of the test: one that can be written is enough. */
const PLACES = ['/run', '/tmp']

/**
 * Does once what every call does, so that an engine which starts but does not work on this node is found: takes a lock,
 * which is a directory with a socket, finds it taken, and starts a child, which is this program with `init`.
 *
 * @param program the path of this program, for a checkout.
 * @throws CephflexError EINSTALL with what does not work.
 */
export async function tryEngine(system: System, program: string): Promise<void> {
  const directory = await makeDirectory()
  try {
    await tryLock(system, `${directory}/lock`)
    await tryChild(system, program)
  } finally {
    system.files.removeDirectory(directory)
  }
}

async function makeDirectory(): Promise<string> {
  for (const place of PLACES) {
    try {
      return await driverFiles.makeTemporaryDirectory(`${place}/cephflex-self-test-`)
    } catch {
      // the next one
    }
  }
  throw doesNotWork(`no directory can be made in ${PLACES.join(' or ')}`)
}

async function tryLock(system: System, path: string): Promise<void> {
  const lock = await system.lock(path, 'self-test', 0).catch(error => {
    throw doesNotWork(`a lock cannot be taken: ${toCephflexError(error).message}`)
  })
  const second = await system.lock(path, 'self-test', 0).catch(error => toCephflexError(error).code)
  if (typeof second === 'object') second.release()
  lock.release()
  if (second !== 'ELOCKED') throw doesNotWork('a lock that is taken can be taken again')
}

async function tryChild({ run }: System, program: string): Promise<void> {
  const own = driverFiles.ownProgram()
  const [file, ...before] = own === undefined ? [process.execPath, program] : [own]
  const result = await run(`/${file?.slice(1)}`, [...before, 'init'], { timeoutMs: CHILD_MS }).catch(
    error => {
      throw doesNotWork(`a child cannot be started: ${toCephflexError(error).message}`)
    },
  )
  if (!answersInit(result))
    throw doesNotWork(`a child does not answer init: ${result.stderr}${result.stdout}`)
}

function doesNotWork(problem: string): CephflexError {
  return new CephflexError('EINSTALL', problem, {
    hint: 'use the binary with the other engine: install.sh --engine',
  })
}
