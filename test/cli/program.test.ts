import t from 'tap'
import { runProgram } from '../../src/cli/program.js'
import { versionText } from '../../src/core/version.js'

const cephflex = async (...argv: string[]) => {
  const out: string[] = []
  const err: string[] = []
  const code = await runProgram(argv, {
    out: line => out.push(line),
    err: line => err.push(line),
    tty: false,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

t.strictSame(
  await cephflex('--version'),
  { code: 0, out: versionText(`Node.js ${process.versions.node}`, process.arch), err: '' },
  'the version, with engine and processor',
)
t.match(
  await cephflex('--help'),
  { code: 0, out: /dev-cluster[\s\S]*mount DIR JSON/, err: '' },
  'help lists the calls, too',
)
t.match(
  await cephflex('dev-cluter'),
  { code: 1, out: '', err: /dev-cluster/ },
  'a typing error gets a suggestion',
)
t.match(await cephflex('dev-cluster', 'status', '/nowhere/at/all'), {
  code: 1,
  out: '',
  err: /^ECLUSTER: [\s\S]*\n {2}hint: /,
})
