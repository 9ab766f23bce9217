import { dirname } from 'node:path/posix'
import type { NodeFacts } from '../../core/doctor/node-facts.js'
import { driverFiles } from '../../system/driver-files.js'
import { errno, noRunFile } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { logFiles } from '../node/read-log.js'
import { runDirectories } from '../target/target-files.js'

/** As much as the state of a mount needs. */
const SAMPLE = ' '.repeat(4096)

/**
 * Why calls cannot write their files, and why they cannot log. Writes a file where they do, and removes it. Creates no
 * directory: of a missing one, the directory that a call would create it in must be writable.
 */
export async function directoryFacts(system: System): Promise<NodeFacts['directories']> {
  const { runDirectory, logDirectory } = system.config
  const inRun = await Promise.all(runDirectories(system).map(each => problemIn(system, each)))
  return {
    run: { directory: runDirectory, problem: inRun.find(problem => problem !== undefined) },
    log: { directory: logDirectory, problem: await logProblem(system) },
  }
}

/** Why calls cannot log; undefined if they can. */
export async function logProblem(system: System): Promise<string | undefined> {
  const { files, config } = system
  const inDirectory = await problemIn(system, config.logDirectory)
  const path = logFiles(system).at(-1) ?? ''
  if (inDirectory !== undefined || files.kind(path) === 'missing') return inDirectory
  try {
    files.append(path, '')
    return undefined
  } catch (error) {
    return `${path} cannot be written: ${errno(error)}`
  }
}

async function problemIn({ files }: System, directory: string): Promise<string | undefined> {
  if (files.kind(directory) === 'missing') {
    const code = await driverFiles.writeProblem(dirname(directory))
    return code === 'ENOENT' || code === undefined ? undefined : `${directory} cannot be created: ${code}`
  }
  const path = `${directory}/doctor.${process.pid}`
  try {
    files.secureDirectory(directory)
    files.create(path, SAMPLE)
    files.remove(path)
    return undefined
  } catch (error) {
    return noRunFile(path, error).message
  }
}
