/** Time, thread and level of a line of ceph's log. Up to 14.2 there is a blank between date and time. */
const STAMP = String.raw`\d{4}-\d\d-\d\d[T ][\d:.+-]+ [0-9a-f]+ +-?\d+ `
/** The message about newargv has a line end of its own. */
const RECORD = new RegExp(`${STAMP}([^\\n]*newargv[^\\n]*\\n\\n?|[^\\n]*(\\n|$))`, 'g')

/** A line end after a piece of a line that is never the last one: it belongs to the message about newargv. */
const STRAY_END = /^(ceph-fuse\[\d*(?:\]: (?:[^\n]* )?)?)\n/gm

/** A line without time, thread and level. */
export function withoutStamp(line: string): string {
  return line.replace(new RegExp(`^${STAMP}`), '')
}

/**
 * The output of a program whose processes write to the same stderr: first the lines of the log, then the others. ceph-fuse
 * logs each line at once, but its parent writes a line in pieces, so a line of the log may be in the middle of another
 * one. The order does not depend on chance, so that a failure that is repeated has the same text.
 */
export function wholeLines(stderr: string): string {
  const records = stderr.match(RECORD) ?? []
  const ended = records.map(record => (record.endsWith('\n') ? record : `${record}\n`))
  return `${ended.join('')}${stderr.replace(RECORD, '').replace(STRAY_END, '$1')}`
}
