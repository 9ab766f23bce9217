/** Identifies a process: a pid alone may be reused, a pid with its start time not. */
export type ProcessIdentity = { pid: number; startTime: string }

/** `state` is the letter in proc(5), or `ending`: killed, but some of its threads still hold its files and locks. */
export type ProcessInfo = ProcessIdentity & { name: string; state: string; group: number }

/** Parses /proc/PID/stat (format: proc(5)), where the name may contain blanks and parentheses. */
export function parseProcessStat(text: string): ProcessInfo | undefined {
  const match = /^(\d+) \((.*)\) (\S) (.*)$/s.exec(text.trim())
  const fields = match?.[4]?.split(' ') ?? []
  // after the state: ppid(0) pgrp(1) ... num_threads is field 20 and starttime 22, so 16 and 18 here
  const startTime = fields[18]
  if (!match || startTime === undefined) return undefined
  return {
    pid: Number(match[1]),
    name: match[2] ?? '',
    state: stateOf(match[3] ?? '', Number(fields[16])),
    group: Number(fields[1]),
    startTime,
  }
}

/** The first thread of a process is a zombie as soon as it has ended, even if others still run. */
function stateOf(letter: string, threads: number): string {
  return letter === 'Z' && threads > 1 ? 'ending' : letter
}
