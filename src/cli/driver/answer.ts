import { readUsableConfig } from '../../ops/config/read-node-config.js'
import type { System } from '../../system/system.js'
import { realSystem } from '../../system/system.js'
import { interruptSignal } from '../interrupts.js'
import { type DriverStatus, failure } from './reply.js'

/** Carries out a call. @returns fields for the log. */
type Handler = (args: readonly string[], system: System) => Promise<object>

/** The calls that one part of the program handles, by name. */
export type Handlers = Readonly<Record<string, Handler>>

/**
 * Answers a call of the kubelet or of the flex provisioner. Never throws: a failure is a reply as well.
 *
 * @param caller derived from the path that started the program.
 */
export async function answer(
  handlers: Handlers,
  call: string,
  args: readonly string[],
  caller: System['caller'],
): Promise<DriverStatus> {
  let system: System | undefined
  try {
    const { config, problem } = await readUsableConfig()
    const context = { call, pid: process.pid, target: args[0] }
    // a signal stops what runs; the call then cleans up and still replies
    system = { ...realSystem(config, context, interruptSignal()), caller }
    // an unmount needs no configuration, and its pod would never end
    if (problem && call !== 'unmount') throw problem
    if (problem) system.log('wrong configuration', { message: problem.message })
    return await answerWith(handlers, system, call, args)
  } catch (error) {
    logError(system, error)
    return failure(error)
  }
}

/** The same with a given system, for tests. @throws what the call throws. */
export async function answerWith(
  handlers: Handlers,
  system: System,
  call: string,
  args: readonly string[],
): Promise<DriverStatus> {
  const handler = handlers[call]
  if (!handler) return { status: 'Not supported' }
  system.log('call')
  const report = await handler(args, system)
  system.log('done', { ...report })
  return { status: 'Success' }
}

function logError(system: System | undefined, error: unknown) {
  const { name, message, stack, code, cause } = error as Error & { code?: string }
  // the message of other errors may quote input; their stack frames do not
  const isOurs = name === 'CephflexError'
  const frames = (cause instanceof Error ? cause.stack : stack)
    ?.split('\n')
    .filter(line => /^\s+at /.test(line))
  system?.log('failed', isOurs ? { code, message } : { code: 'EBUG', name, frames: frames?.slice(0, 8) })
}
