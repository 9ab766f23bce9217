import { basename } from 'node:path/posix'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import type { ProgramName } from '../../core/programs.js'
import { maskKeys } from '../../core/text/printable.js'
import { VERSION } from '../../core/version.js'
import type { System } from '../../system/system.js'
import { nodeConfigPath } from '../config/read-node-config.js'
import { readLog } from '../node/read-log.js'
import { nodeStatus } from '../node/status.js'
import { privateDirectory } from '../target/private-directory.js'
import { examine } from './doctor.js'

const TAR_MS = 60_000
const ASK_MS = 5_000
const MAX_LINES = 20_000
/** From the end of each client's log. */
const MAX_CHARACTERS = 200_000

/**
 * Writes an archive (tar.gz, mode 0600) with everything needed to diagnose this
 * node. Masks whatever looks like a key in each file.
 *
 * @returns the names of the files in it.
 * @throws CephflexError EBADREQUEST if the archive exists or cannot be created; leaves nothing behind.
 */
export async function makeBundle(
  system: System,
  { path, program, configProblem }: { path: string; program: string; configProblem: string | undefined },
): Promise<string[]> {
  const { files, run } = system
  const directory = privateDirectory(system, 'bundle')
  const parts = Object.entries(partsOf(system, program, configProblem)).map(
    async ([name, work]) => [name, maskKeys(await textOf(work))] as const,
  )
  const written: string[] = []
  let isCreated = false
  try {
    for (const [name, text] of await Promise.all(parts)) {
      files.create(`${directory.target}/${name}`, text)
      written.push(name)
    }
    createEmpty(system, path)
    isCreated = true
    const argv = [
      '-czf',
      path,
      '-C',
      directory.target,
      '--transform',
      `s,^,${basename(path).replace(/\.tar\.gz$|\.tgz$/, '')}/,`,
      ...written,
    ]
    const { exitCode, stderr } = await run('tar', argv, { timeoutMs: TAR_MS })
    if (exitCode === 0) return written
    throw new CephflexError('EBADREQUEST', `tar failed: ${stderr.trim().split('\n').at(-1)}`, {
      hint: 'choose a file on a disk with free space',
    })
  } catch (error) {
    if (isCreated) files.tryRemove(path)
    throw error
  } finally {
    for (const name of written) files.tryRemove(`${directory.target}/${name}`)
    directory.remove()
  }
}

function partsOf(system: System, program: string, configProblem: string | undefined) {
  const { files } = system
  return {
    'version.txt': () => `cephflex ${VERSION}, Node.js ${process.version}, ${process.arch}\n`,
    'doctor.json': () => examine(system, { program, configProblem }),
    'status.json': () => nodeStatus(system),
    'cephflex.log': () =>
      readLog(system)
        .slice(-MAX_LINES)
        .map(line => `${JSON.stringify(line)}\n`)
        .join(''),
    'mountinfo.txt': () => system.mountInfo(),
    'config.json': () => files.read(nodeConfigPath()) ?? 'no configuration file\n',
    'os-release.txt': () => files.read('/etc/os-release') ?? '',
    'uname.txt': () => output(system, 'uname', ['-a']),
    'ceph-fuse.txt': () => output(system, 'ceph-fuse', ['--version']),
    'kernel-log.txt': () => kernelMessages(system),
    ...Object.fromEntries(clientLogs(system).map(([name, text]) => [name, () => text])),
  } satisfies Record<string, () => unknown>
}

async function kernelMessages(system: System): Promise<string> {
  return (await output(system, 'dmesg', []))
    .split('\n')
    .filter(line => /ceph|fuse|oom|killed process/i.test(line))
    .join('\n')
}

async function output({ run }: System, program: ProgramName, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(program, argv, { timeoutMs: ASK_MS })
  return `$ ${[program, ...argv].join(' ')}\nexit code ${exitCode}\n${stdout}${stderr}`
}

function clientLogs({ files, config }: System): [name: string, text: string][] {
  return files
    .list(config.logDirectory)
    .filter(name => /^client-.*\.log$/.test(name))
    .map(name => [name, (files.read(`${config.logDirectory}/${name}`) ?? '').slice(-MAX_CHARACTERS)])
}

/** The content of a file, or the error if it is unavailable: bundles are made on broken nodes. */
async function textOf(work: () => unknown): Promise<string> {
  try {
    const value = await work()
    return typeof value === 'string' ? value : json(value)
  } catch (error) {
    return `${toCephflexError(error).code}: ${toCephflexError(error).message}\n`
  }
}

function json(value: unknown) {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/** Creates the file before tar does, so that no other user can read it and no file is replaced. */
function createEmpty({ files }: System, path: string): void {
  try {
    files.create(path, '')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN'
    throw new CephflexError('EBADREQUEST', `cannot create ${path}: ${code}`, {
      hint: 'choose a new file name in an existing directory',
    })
  }
}
