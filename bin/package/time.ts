import { execaSync } from 'execa'

/** 1 January 2000, outside a repository and without SOURCE_DATE_EPOCH. */
const NO_TIME = 946_684_800

/**
 * The time, in seconds, of everything in the packages, so that two runs make the same bytes: SOURCE_DATE_EPOCH
 * (reproducible-builds.org), otherwise the time of the commit.
 */
export function sourceTime(root: string): number {
  const wanted = process.env['SOURCE_DATE_EPOCH']
  if (wanted) return Number(wanted)
  const { failed, stdout } = execaSync('git', ['log', '-1', '--format=%ct'], { cwd: root, reject: false })
  return failed ? NO_TIME : Number(stdout)
}
