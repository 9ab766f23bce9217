import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { Argument, Command, Option } from 'commander'
import t from 'tap'
import { buildProgram, runProgram } from '../../../src/cli/program.js'
import { needsProgram } from '../../support/needs.js'

const script = async (shell: string): Promise<string> => {
  const out: string[] = []
  await runProgram(['completion', shell], { out: line => out.push(line), err: () => undefined, tty: false })
  return `${out.join('\n')}\n`
}

const dir = t.testdir()
mkdirSync(`${dir}/lab`)
const paths = new Map<string, string>()
for (const shell of ['bash', 'zsh', 'fish']) {
  paths.set(shell, `${dir}/${shell}`)
  writeFileSync(`${dir}/${shell}`, await script(shell))
}

const run = (program: string, args: string[]): string[] => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: dir, encoding: 'utf8' })
  if (status !== 0 || stderr !== '') throw new Error(`${program}: exit ${status}, ${stderr}`)
  return stdout.split('\n').filter(line => line !== '')
}

/** Sets what bash sets when Tab is pressed after these words, the last of which may be empty, and calls the function. */
const CALL =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
  'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cephflex_words; printf "%s\\n" "${COMPREPLY[@]}"'
const ZSH = `autoload -U +X compinit; compinit -D; . "$0"; f() { emulate -L sh; setopt kshglob noshglob braceexpand kshtypeset; ${CALL}; }; f "$@"`

type Complete = (...words: string[]) => string[]
const SHELLS: Record<string, Complete> = {
  // twice: to source it again must not fail
  bash: (...words) =>
    run('bash', ['--norc', '-c', `. "$0"; . "$0"; ${CALL}`, paths.get('bash') ?? '', 'cephflex', ...words]),
  // the line editor of zsh, not compgen, keeps only the candidates that start with the word
  zsh: (...words) =>
    run('zsh', ['-f', '-c', ZSH, paths.get('zsh') ?? '', 'cephflex', ...words]).filter(word =>
      word.startsWith(words.at(-1) ?? ''),
    ),
  fish: (...words) =>
    run('fish', [
      '--no-config',
      '-c',
      `source $argv[1]; complete -C "$argv[2]"`,
      paths.get('fish') ?? '',
      `cephflex ${words.join(' ')}`,
    ]).map(line => line.split('\t')[0] ?? ''),
}

const commands = buildProgram({ out: () => undefined, err: () => undefined, tty: false }).commands.map(
  command => command.name(),
)

for (const [shell, complete] of Object.entries(SHELLS))
  t.test(`real ${shell}`, { skip: needsProgram(shell) }, async t => {
    run(shell, ['-n', paths.get(shell) ?? ''])
    t.strictSame(complete('').sort(), commands.toSorted(), 'every command')
    t.strictSame(complete('dev-c'), ['dev-cluster'], 'commands with this prefix')
    t.strictSame(complete('dev-cluster', 'st').sort(), ['start', 'status', 'stop'], 'commands below')
    t.strictSame(complete('dev-cluster', 'start', '--st'), ['--store'], 'options')
    t.ok(complete('dev-cluster', 'start', '-').includes('--ipv6'), 'every option of the command')
    t.strictSame(
      complete('dev-cluster', 'start', '--store', '').sort(),
      ['bluestore', 'memstore'],
      'values of an option',
    )
    t.strictSame(
      complete('dev-cluster', 'start', '--store', 'memstore', '--mgr', 'la').map(name =>
        name.replace(/\/$/, ''),
      ),
      ['lab'],
      'directories',
    )
    t.strictSame(
      complete('dev-cluster', 'ctl', 'lab', 'm').sort(),
      ['mds', 'mds2', 'mgr', 'mon'],
      'values of an argument',
    )
    t.strictSame(complete('dev-cluster', 'ctl', 'lab', 'mon', 'p'), ['pause'], 'values of the next argument')
    t.strictSame(
      complete('manifests', '--set', 'user=x', 'sec'),
      ['secret'],
      'the value of an option is not an argument',
    )
    t.strictSame(
      complete('manifests', 'secret', '$(touch evil)', ''),
      [],
      'no more arguments, and nothing is executed',
    )
  })

t.test('bash splits at "="', { skip: needsProgram('bash') }, async t => {
  const bash = SHELLS['bash'] as Complete
  t.strictSame(bash('dev-cluster', 'start', '--store', '=', 'mem'), ['memstore'], '--store=mem')
  t.strictSame(bash('dev-cluster', 'start', '--store', '='), ['memstore', 'bluestore'], '--store=')
  t.strictSame(bash('manifests', '--set', 'user', '=', 'x', 'sec'), ['secret'], '--set user=x')
})

t.test('the script follows the program', { skip: needsProgram('fish') }, async t => {
  const program = buildProgram({ out: () => undefined, err: () => undefined, tty: false })
  program.addCommand(
    new Command('new')
      .description("it's new")
      .addArgument(new Argument('<what>').choices(['this', 'that']))
      .addOption(new Option('--colour <name>', 'a \\ in it').choices(['red', 'green'])),
  )
  const { forFish } = await import('../../../src/cli/help/fish.js')
  const { describe } = await import('../../../src/cli/help/describe.js')
  paths.set('fish', `${dir}/fish-new`)
  writeFileSync(`${dir}/fish-new`, forFish('cephflex', describe(program)))
  const fish = SHELLS['fish'] as Complete
  t.strictSame(fish('new', 'thi'), ['this'])
  t.strictSame(fish('new', '--colour', 'g'), ['green'])
})
