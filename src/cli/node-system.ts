import { readNodeConfig, readUsableConfig } from '../ops/config/read-node-config.js'
import { realSystem, type System } from '../system/system.js'
import type { CommandIo } from './terminal/command-io.js'

/** The node for a command, which logs under its own name. @throws CephflexError EBADCONFIG. */
export async function nodeSystem(call: string, signal?: AbortSignal): Promise<System> {
  return realSystem(await readNodeConfig(), { call, pid: process.pid }, signal)
}

/** The same for commands that only read: what is wrong with the configuration is a note. */
export async function nodeSystemToRead(io: CommandIo, call: string, signal: AbortSignal): Promise<System> {
  const { system, configProblem } = await nodeSystemOrDefault(call, signal)
  if (configProblem !== undefined) io.err(`note: the default is used for what is wrong in ${configProblem}`)
  return system
}

/** The same for commands that must work without a valid configuration. */
export async function nodeSystemOrDefault(
  call: string,
  signal?: AbortSignal,
): Promise<{ system: System; configProblem?: string }> {
  const { config, problem } = await readUsableConfig()
  const system = realSystem(config, { call, pid: process.pid }, signal)
  return problem ? { system, configProblem: problem.message } : { system }
}
