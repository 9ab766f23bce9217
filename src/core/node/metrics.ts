import { type Histogram, newHistogram, observe } from '../metrics/histogram.js'
import type { LogLine } from './log-lines.js'

/** Upper bounds of the buckets in seconds; a call may take 110 s. */
export const BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const
const CALLS = ['mount', 'unmount'] as const

/** The numbers so far, and how far the log has been read for them. */
export type Counters = {
  version: 1
  /** The first line of the log file that was read last, and how many of its characters have been read. */
  readTo: { firstLine: string; characters: number } | undefined
  /** Number of calls by `CALL RESULT`. */
  results: Record<string, number>
  durations: Record<string, Histogram>
  fallbacks: number
}

/** The counters of an earlier run, or new ones if the text is not readable. */
export function parseCounters(text: string | undefined): Counters {
  try {
    const counters = JSON.parse(text ?? 'null') as Counters | null
    return counters?.version === 1 ? counters : newCounters()
  } catch {
    return newCounters()
  }
}

/** Counters that start at zero. */
export function newCounters(): Counters {
  return {
    version: 1,
    readTo: undefined,
    results: Object.fromEntries(CALLS.map(call => [`${call} Success`, 0])),
    durations: Object.fromEntries(CALLS.map(call => [call, newHistogram(BUCKETS_S)])),
    fallbacks: 0,
  }
}

/** Adds these lines of the log. Only the kubelet's calls count, not the commands, which also log. */
export function countLogLines(counters: Counters, lines: readonly LogLine[]): void {
  for (const { call = '', event, code, ms = 0 } of lines) {
    if (!CALLS.some(name => name === call)) continue
    if (event === 'done') countCall(counters, call, 'Success', ms)
    if (event === 'failed') countCall(counters, call, code ?? 'EBUG', ms)
    if (event === 'fallback') counters.fallbacks += 1
  }
}

/** The complete lines that have not been read yet, of log files from oldest to newest, and the new position. */
export function unreadLines(
  texts: readonly string[],
  readTo: Counters['readTo'],
): { text: string; readTo: Counters['readTo'] } {
  const files = texts.filter(text => text.includes('\n'))
  const firstLineOf = (text: string) => text.slice(0, text.indexOf('\n'))
  const known = files.findIndex(text => readTo !== undefined && firstLineOf(text) === readTo.firstLine)
  const unread = files
    .slice(Math.max(0, known))
    .map((text, i) => text.slice(known >= 0 && i === 0 ? readTo?.characters : 0, text.lastIndexOf('\n') + 1))
  const last = files.at(-1)
  if (last === undefined) return { text: '', readTo }
  return {
    text: unread.join(''),
    readTo: { firstLine: firstLineOf(last), characters: last.lastIndexOf('\n') + 1 },
  }
}

function countCall(counters: Counters, call: string, result: string, ms: number): void {
  const name = `${call} ${result}`
  counters.results[name] = (counters.results[name] ?? 0) + 1
  const durations = counters.durations[call] ?? newHistogram(BUCKETS_S)
  counters.durations[call] = durations
  observe(durations, BUCKETS_S, ms / 1000)
}
