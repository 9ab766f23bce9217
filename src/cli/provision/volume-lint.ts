import { Command, CommanderError } from 'commander'
import { CephflexError } from '../../core/errors.js'
import type { Access } from '../../core/provision/caps/access.js'
import { parseAuthText } from '../../core/provision/caps/auth-text.js'
import { type LintReport, lintCaps } from '../../core/provision/caps/lint.js'
import { normalPath, pathProblem } from '../../core/text/paths.js'
import { printable } from '../../core/text/printable.js'
import { lintUser } from '../../ops/provision/lint.js'
import { readInput } from '../../system/input.js'
import type { CommandIo } from '../terminal/command-io.js'
import { type AccessFlags, withAccess, withAccessOptions } from './admin-access.js'

type LintFlags = AccessFlags & { json?: boolean; path?: string; node?: string }

/** `cephflex volume lint`: checks the caps of a user, and prints the command that fixes them. */
export function volumeLint(io: CommandIo): Command {
  return withAccessOptions(new Command('lint'))
    .description(
      'check the caps of a user, live or from "ceph auth get" on stdin; exit code 1 if they cannot work',
    )
    .argument('[user]', 'Ceph user (default: read "ceph auth get" output from stdin)')
    .option('--path <path>', 'directory that pods mount (default: those in the mds caps)')
    .option('--node <address>', 'address of the node that mounts (default with a user: that of this node)')
    .option('--json', 'print JSON')
    .action(async (user: string | undefined, { json = false, path, node, ...flags }: LintFlags) => {
      const options = { path: path === undefined ? undefined : lintPath(path), address: node }
      if (user === undefined) {
        const facts = { ...options, fsName: flags.fsName }
        const users = parseAuthText(await readInput())
        finish(
          io,
          users.map(({ entity, caps }) => lintCaps(entity, caps, facts)),
          json,
        )
        return
      }
      await withAccess(flags, async session => {
        const name = user.replace(/^client\./, '')
        finish(io, [await lintUser(session, name, options)], json)
      })
    })
}

function lintPath(path: string): string {
  const problem = pathProblem(path)
  if (problem === undefined) return normalPath(path)
  throw new CephflexError('EBADREQUEST', `--path ${printable(path)} ${problem}`, {
    hint: 'pass the directory in the file system, for example /volumes/kubernetes/web',
  })
}

function finish(io: CommandIo, reports: readonly LintReport[], json: boolean): void {
  if (json) io.out(JSON.stringify(reports))
  else for (const report of reports) printReport(io, report)
  const isBad = reports.some(({ findings }) => findings.some(({ level }) => level === 'error'))
  // the findings are printed above; this only sets the exit code
  if (isBad) throw new CommanderError(1, 'cephflex.failed', '')
}

function printReport(io: CommandIo, report: LintReport): void {
  const count = report.findings.length
  io.out(
    `${report.entity}: ${count === 0 ? 'no problems found' : count === 1 ? '1 finding' : `${count} findings`}`,
  )
  for (const access of report.access) io.out(`  ${access.path}: ${accessText(access)}`)
  if (report.access.length > 0) {
    io.out(`  may mount: ${report.covers.join(', ') || 'nothing'}`)
    io.out(`  readable by an MDS of release: ${erasLine(report)}`)
  }
  for (const { level, text, works } of report.findings)
    io.out(`  ${level}: ${text}${works === undefined ? '' : `; would work: ${works}`}`)
  if (report.repair !== undefined) io.out(`  repair: ${report.repair}`)
}

function accessText({ path, mount, read, write, others }: Access): string {
  if (!mount) return 'cannot be mounted'
  const can = read && write ? ', read and written' : ` and ${onlyOne(read, write)}`
  const around = path === '/' ? '' : `; other directories are ${others ? 'visible' : 'hidden'}`
  return `can be mounted${can}${around}`
}

function onlyOne(read: boolean, write: boolean): string {
  if (read) return 'read'
  return write ? 'written' : 'only listed'
}

function erasLine({ parses }: LintReport): string {
  return Object.entries(parses)
    .map(([era, stop]) => `${era} ${stop === true ? 'yes' : 'no'}`)
    .join(', ')
}
