/** The first pause after a failed recovery, and the longest: a cluster that is down is not asked all the time. */
const FIRST_MS = 3_000
const LONGEST_MS = 60_000

type Attempt = { failures: number; nextMs: number; isRunning: boolean; told?: string | undefined }

/** When to try each target again, and what was said about it. Times in milliseconds of one clock. */
export type Attempts = {
  /** The targets that may be tried now; they are taken to be tried until {@link end}. */
  begin: (targets: readonly string[], nowMs: number) => string[]
  /** How the attempt for a target ended. @returns whether that is news: the same failure is told once. */
  end: (target: string, failure: string | undefined, nowMs: number) => boolean
}

/** A target whose recovery fails is tried again after 3, 6, 12... at most 60 seconds. */
export function newAttempts(): Attempts {
  const byTarget = new Map<string, Attempt>()
  return {
    begin: (targets, nowMs) => {
      const due = targets.filter(target => {
        const attempt = byTarget.get(target)
        return attempt === undefined || (!attempt.isRunning && attempt.nextMs <= nowMs)
      })
      for (const target of due) {
        const { failures = 0, told } = byTarget.get(target) ?? {}
        byTarget.set(target, { failures, nextMs: nowMs, isRunning: true, told })
      }
      return due
    },
    end: (target, failure, nowMs) => {
      const { failures = 0, told } = byTarget.get(target) ?? {}
      if (failure === undefined) {
        byTarget.delete(target)
        return true
      }
      const nextMs = nowMs + Math.min(LONGEST_MS, FIRST_MS * 2 ** failures)
      byTarget.set(target, { failures: failures + 1, nextMs, isRunning: false, told: failure })
      return failure !== told
    },
  }
}
