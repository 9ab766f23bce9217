import { Command, CommanderError } from 'commander'
import { parseAuthText } from '../../core/provision/caps/auth-text.js'
import { type LintReport, lintCaps } from '../../core/provision/caps/lint.js'
import { lintUser } from '../../ops/provision/lint.js'
import { readInput } from '../../system/input.js'
import type { CommandIo } from '../terminal/command-io.js'
import { type AccessFlags, withAccess, withAccessOptions } from './admin-access.js'

/** `cephflex volume lint`: checks the caps of a user, and prints the command that fixes them. */
export function volumeLint(io: CommandIo): Command {
  return withAccessOptions(new Command('lint'))
    .description(
      'check the caps of a user, live or from "ceph auth get" on stdin; exit code 1 if they cannot work',
    )
    .argument('[user]', 'Ceph user (default: read "ceph auth get" output from stdin)')
    .option('--json', 'print JSON')
    .action(
      async (user: string | undefined, { json = false, ...flags }: AccessFlags & { json?: boolean }) => {
        if (user === undefined) {
          const text = await readInput()
          return finish(
            io,
            parseAuthText(text).map(({ entity, caps }) => lintCaps(entity, caps)),
            json,
          )
        }
        await withAccess(flags, async ({ provisioner }) => {
          finish(io, [await lintUser(provisioner, user.replace(/^client\./, ''))], json)
        })
      },
    )
}

function finish(io: CommandIo, reports: readonly LintReport[], json: boolean): void {
  if (json) io.out(JSON.stringify(reports))
  else for (const report of reports) printReport(io, report)
  const isBad = reports.some(({ findings }) => findings.some(({ level }) => level === 'error'))
  // the findings are printed above; this only sets the exit code
  if (isBad) throw new CommanderError(1, 'cephflex.failed', '')
}

function printReport(io: CommandIo, report: LintReport): void {
  io.out(
    `${report.entity}: ${report.findings.length === 0 ? 'no problems found' : `${report.findings.length} findings`}`,
  )
  io.out(`  may mount: ${report.covers.join(', ') || 'nothing'}`)
  io.out(`  readable by an MDS of release: ${erasLine(report)}`)
  for (const { level, text } of report.findings) io.out(`  ${level}: ${text}`)
  if (report.repair !== undefined) io.out(`  repair: ${report.repair}`)
}

function erasLine({ parses }: LintReport): string {
  return Object.entries(parses)
    .map(([era, stop]) => `${era} ${stop === true ? 'yes' : 'no'}`)
    .join(', ')
}
