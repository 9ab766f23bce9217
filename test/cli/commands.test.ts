import t from 'tap'
import { COMMANDS } from '../../src/cli/commands.js'
import { buildProgram } from '../../src/cli/program.js'
import { CALLS, main } from '../../src/main.js'
import { captured } from '../support/captured.js'

const DRIVER = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec/example.com~cephflex/cephflex'
const NOT_SUPPORTED = '{"status":"Not supported"}\n'

const installed = async (...argv: string[]) => {
  const { code, written } = await captured(() => main(DRIVER, argv))
  return { code, text: written.map(([, text]) => text).join('') }
}

t.test('the registry', async t => {
  const program = buildProgram({ out: () => undefined, err: () => undefined, tty: false })
  t.strictSame(
    program.commands.map(command => command.name()),
    Object.keys(COMMANDS),
    'has every command, under its own name and in the order of the help',
  )
  for (const command of program.commands)
    t.strictSame(command.aliases(), [], `${command.name()} has no alias that the registry does not know`)
  t.strictSame(
    Object.keys(COMMANDS).filter(name => CALLS.includes(name)),
    [],
    'no command has the name of a call',
  )
})

t.test('an installed driver', async t => {
  for (const [name, command] of Object.entries(COMMANDS)) {
    const { code, text } = await installed(name, '--help')
    t.equal(code, 0, `${name} --help: exit code 0`)
    if (command.installed) t.match(text, new RegExp(`^Usage: cephflex ${name}`), `${name} prints its help`)
    else t.equal(text, NOT_SUPPORTED, `${name} is not supported`)
  }
  for (const option of ['--help', '-h'])
    t.match((await installed(option)).text, /^Usage: cephflex/, `${option} is answered`)
  for (const option of ['--version', '-v'])
    t.match((await installed(option)).text, /Node/, `${option} is answered`)
  for (const word of ['', 'nonsense', 'Doctor', '--json', 'constructor', 'toString', '__proto__'])
    t.strictSame(
      await installed(word, '--help'),
      { code: 0, text: NOT_SUPPORTED },
      `"${word}" is not a command`,
    )
})
