import { type Diagnostic, PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs'
import { CephflexError } from '../src/core/errors.js'
import { files } from '../src/system/files.js'
import { write } from '../src/system/output.js'
import { asyncFiles, runProgram } from '../src/system/programs.js'

/**
 * `npm run check:python`: checks the format of Python files, lints and compiles them. With `--write` it formats them
 * first. The linter is WebAssembly, so it runs wherever Node.js runs. Only the compiler needs Python.
 */

const SETTINGS = {
  'line-length': 120,
  // the oldest version that the linter supports. RHEL 8 has Python 3.6, whose syntax is almost the same
  'target-version': 'py37',
  format: { 'quote-style': 'single' },
  lint: {
    select: ['B', 'C4', 'C90', 'E', 'F', 'I', 'N', 'PIE', 'PLE', 'RET', 'SIM', 'UP', 'W'],
    mccabe: { 'max-complexity': 10 },
  },
}

const COMPILE = "import sys\nfor path in sys.argv[1:]: compile(open(path, 'rb').read(), path, 'exec')"

const words = process.argv.slice(2)
const paths = words.filter(word => word !== '--write')
const ruff = new Workspace(SETTINGS, PositionEncoding.Utf16)

if (words.includes('--write')) for (const path of paths) await format(path)
const problems = [...paths.flatMap(problemsOf), ...(await compileProblems())]
for (const problem of problems) write(2, `${problem}\n`)
if (problems.length > 0) process.exitCode = 1
else write(1, `Checked ${paths.length} Python files.\n`)

async function format(path: string): Promise<void> {
  const text = textOf(path)
  const isBroken = ruff.check(text).some(({ code }: Diagnostic) => code === 'invalid-syntax')
  if (!isBroken) await asyncFiles.publish(path, ruff.format(text))
}

function problemsOf(path: string): string[] {
  const text = textOf(path)
  const diagnostics = ruff.check(text) as Diagnostic[]
  if (diagnostics.length > 0) return diagnostics.map(diagnostic => describe(path, diagnostic))
  return ruff.format(text) === text ? [] : [`${path}: not formatted; run "npm run fix"`]
}

function describe(path: string, { code, message, start_location: { row, column } }: Diagnostic): string {
  return `${path}:${row}:${column} ${code} ${message}`
}

function textOf(path: string): string {
  return files.read(path) ?? ''
}

async function compileProblems(): Promise<string[]> {
  try {
    const argv = ['-I', '-W', 'error::SyntaxWarning', '-c', COMPILE, ...paths]
    const { exitCode, stderr } = await runProgram('python3', argv, { timeoutMs: 60_000, cwd: process.cwd() })
    return exitCode === 0 ? [] : [stderr.trim()]
  } catch (error) {
    if (!(error instanceof CephflexError) || error.code !== 'ENOTOOL') throw error
    write(1, 'python3 is not installed here: the Python files were linted, but not compiled.\n')
    return []
  }
}
