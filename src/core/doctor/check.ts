import type { ErrorCode } from '../error-codes.js'

export type Status = 'pass' | 'warn' | 'fail' | 'skip'

/** The result of a check: one line, and the command or step that repairs it. */
export type Verdict = { status: Status; message: string; fix?: string; code?: ErrorCode }

export type CheckResult = Verdict & { id: string }

export function pass(message: string): Verdict {
  return { status: 'pass', message }
}

export function warn(message: string, fix: string): Verdict {
  return { status: 'warn', message, fix }
}

export function fail(message: string, fix: string, code?: ErrorCode): Verdict {
  return {
    status: 'fail',
    message,
    fix,
    ...(code === undefined ? {} : { code }),
  }
}

/** A check that does not apply to this node, or whose facts are unknown. */
export function skip(message: string): Verdict {
  return { status: 'skip', message }
}

/** The exit code of `cephflex doctor`: 0 if nothing is wrong, 1 with warnings, 2 with failures. */
export function exitCodeOf(results: readonly CheckResult[]): 0 | 1 | 2 {
  if (results.some(({ status }) => status === 'fail')) return 2
  return results.some(({ status }) => status === 'warn') ? 1 : 0
}

/** Whether `--check NAME` selects this check: by its name, or by the part of it before a colon. */
export function isChosen(id: string, chosen: string | undefined): boolean {
  return chosen === undefined || id === chosen || id.startsWith(`${chosen}:`)
}

/** Whether an errno name says that this process lacks a right, as in a container: nothing about the node. */
export function isRefusal(code: string | undefined): boolean {
  return code === 'EACCES' || code === 'EPERM'
}
