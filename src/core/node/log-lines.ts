/** One line of the log. Lines may have more fields than these. */
export type LogLine = {
  time: string
  call?: string
  pid?: number
  target?: string
  ms?: number
  event: string
  code?: string
  message?: string
} & Record<string, unknown>

const NOT_IN_REST = new Set(['time', 'call', 'pid', 'target', 'ms', 'event'])

/** Which lines to print: those of a pod (by name or uid) or of a target; all without either. */
export type LogChoice = { pod?: string | undefined; target?: string | undefined }

/** Reads the JSON lines of a log; skips incomplete and foreign lines. */
export function parseLog(text: string): LogLine[] {
  return text.split('\n').flatMap(line => {
    try {
      const value = JSON.parse(line) as LogLine | null
      return typeof value?.time === 'string' && typeof value.event === 'string' ? [value] : []
    } catch {
      return []
    }
  })
}

/** A line of the log for people: time, call, event, target, and the rest as NAME=VALUE. */
export function logText(line: LogLine): string {
  const rest = Object.entries(line).flatMap(([name, value]) =>
    NOT_IN_REST.has(name) || value === undefined
      ? []
      : [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`],
  )
  const who = [line.call, line.pid === undefined ? '' : `[${line.pid}]`].join('')
  return [line.time, who, line.event, line.target ?? '', ...rest].filter(Boolean).join(' ')
}

/** Returns a function that filters lines. It remembers targets: a call logs its pod only when it ends. */
export function logFilter({ pod, target }: LogChoice) {
  const targets = new Set<string | undefined>()
  const isChosen = (line: LogLine) =>
    (target === undefined || line.target === target) && (pod === undefined || targets.has(line.target))
  return (lines: readonly LogLine[]): LogLine[] => {
    for (const line of lines)
      if (pod !== undefined && line.target && isOfPod(line, pod)) targets.add(line.target)
    return lines.filter(isChosen)
  }
}

/** The last failure of each target, if no later call on it succeeded. */
export function lastErrors(lines: readonly LogLine[]): Map<string, string> {
  const errors = new Map<string, string>()
  for (const { target, event, code, message } of lines) {
    if (target === undefined) continue
    if (event === 'failed') errors.set(target, message ? `${code}: ${message}` : `${code}`)
    if (event === 'done') errors.delete(target)
  }
  return errors
}

function isOfPod(line: LogLine, pod: string): boolean {
  const { name, uid } = (line['pod'] ?? {}) as { name?: string; uid?: string }
  return name === pod || uid === pod || line.target?.includes(`/pods/${pod}/`) === true
}
