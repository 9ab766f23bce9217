/** What identifies a process for good: a pid alone may be used again, its start time not. */
export type ProcessIdentity = { pid: number; startTime: string }

export type ProcessInfo = ProcessIdentity & { name: string; state: string; group: number }

/** Parses /proc/PID/stat (format: proc(5)); the name may hold blanks and parentheses. */
export const parseProcessStat = (text: string): ProcessInfo | undefined => {
  const match = /^(\d+) \((.*)\) (\S) (.*)$/s.exec(text.trim())
  const fields = match?.[4]?.split(' ') ?? []
  // after the state: ppid(0) pgrp(1) ... starttime is field 22, so 18 here
  const startTime = fields[18]
  if (!match || startTime === undefined) return undefined
  return {
    pid: Number(match[1]),
    name: match[2] ?? '',
    state: match[3] ?? '',
    group: Number(fields[1]),
    startTime,
  }
}
