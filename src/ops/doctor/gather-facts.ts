import { isRefusal, skip, type Verdict } from '../../core/doctor/check.js'
import type { NodeFacts } from '../../core/doctor/node-facts.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { maskKeys } from '../../core/text/printable.js'
import { errno } from '../../system/files.js'
import type { System } from '../../system/system.js'

/** For each fact. Facts have shorter limits of their own; this one catches the unexpected. */
const BUDGET_MS = 10_000

/** How to find each fact. */
export type Probes = { [K in keyof NodeFacts]: () => NodeFacts[K] | Promise<NodeFacts[K]> }

/** Collects all facts at once. A missing fact throws only when it is read, in {@link verdictOf}. */
export async function gatherFacts(system: System, probes: Probes): Promise<NodeFacts> {
  const facts = {}
  await Promise.all(
    Object.entries(probes).map(async ([name, probe]) => {
      let get: () => unknown
      try {
        const value = await within((async () => probe())(), BUDGET_MS)
        get = () => value
      } catch (error) {
        const unknown = unknownFact(error)
        system.log('unknown', { fact: name, reason: unknown.message, ...stackOf(error) })
        get = () => {
          throw unknown
        }
      }
      Object.defineProperty(facts, name, { enumerable: true, get })
    }),
  )
  return facts as NodeFacts
}

/** The verdict of a check; a warning, or a skip, if a fact that it reads is missing. */
export function verdictOf(check: (facts: NodeFacts) => Verdict, facts: NodeFacts): Verdict {
  try {
    return check(facts)
  } catch (error) {
    if (!(error instanceof UnknownFactError)) throw error
    if (error.isRefused) return skip(`unknown: ${error.message}`)
    return { status: 'warn', message: `unknown: ${error.message}`, fix: 'cephflex logs; then try again' }
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnknownFactError(`no answer within ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}

function unknownFact(error: unknown): UnknownFactError {
  if (error instanceof UnknownFactError) return error
  const code = errno(error)
  return isRefusal(code)
    ? new UnknownFactError(`this process may not look (${code}): run doctor on the node`, true)
    : new UnknownFactError(toCephflexError(error).message)
}

/** The stack of an unexpected error: the message has none of its text. */
function stackOf(error: unknown): { stack?: string } {
  const isExpected = error instanceof CephflexError || error instanceof UnknownFactError
  return error instanceof Error && !isExpected ? { stack: maskKeys(error.stack ?? '') } : {}
}

/** Why a fact is missing; thrown in the check that reads it. */
class UnknownFactError extends Error {
  /** Whether this process may not look, which says nothing about the node. */
  readonly isRefused: boolean

  constructor(message: string, isRefused = false) {
    super(message)
    this.isRefused = isRefused
  }
}
