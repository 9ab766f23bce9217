import { readNodeConfig, readUsableConfig } from '../ops/config/read-node-config.js'
import { realSystem, type System } from '../system/system.js'

/** The node for a command, which logs under its own name. @throws CephflexError EBADCONFIG. */
export async function nodeSystem(call: string, signal?: AbortSignal): Promise<System> {
  return realSystem(await readNodeConfig(), { call, pid: process.pid }, signal)
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
