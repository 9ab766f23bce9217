import type { ErrorCode } from '../errors.js'

export type Status = 'pass' | 'warn' | 'fail' | 'skip'

/** What a check says: one line, and the command or the step that repairs it. */
export type Verdict = { status: Status; message: string; fix?: string; code?: ErrorCode }

export type CheckResult = Verdict & { id: string }

export const pass = (message: string): Verdict => ({ status: 'pass', message })
export const warn = (message: string, fix: string): Verdict => ({ status: 'warn', message, fix })
export const fail = (message: string, fix: string, code?: ErrorCode): Verdict => ({
  status: 'fail',
  message,
  fix,
  ...(code === undefined ? {} : { code }),
})
export const skip = (message: string): Verdict => ({ status: 'skip', message })

/** The exit code of a doctor: 0 if nothing is wrong, 1 with warnings, 2 with failures. */
export const exitCodeOf = (results: readonly CheckResult[]): 0 | 1 | 2 => {
  if (results.some(({ status }) => status === 'fail')) return 2
  return results.some(({ status }) => status === 'warn') ? 1 : 0
}

/** Whether `--check NAME` means this check: its name, or its part before the first colon. */
export const isChosen = (id: string, chosen: string | undefined): boolean =>
  chosen === undefined || id === chosen || id.startsWith(`${chosen}:`)
