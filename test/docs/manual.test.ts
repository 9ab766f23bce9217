import { spawnSync } from 'node:child_process'
import t from 'tap'
import { manual } from '../../bin/docs/manual.js'
import { describe, flatten } from '../../src/cli/help/describe.js'
import { buildProgram, runProgram } from '../../src/cli/program.js'
import { DEFAULT_NODE_CONFIG } from '../../src/core/config/node-config.js'
import { EXPLANATIONS } from '../../src/core/error-codes.js'
import { OPTION_DOCS } from '../../src/core/volume/option-docs.js'
import { readAsset } from '../../src/system/assets.js'
import { needsProgram } from '../support/needs.js'

const doc = describe(buildProgram({ out: () => undefined, err: () => undefined, tty: false }))
const page = readAsset('cephflex.1')

t.equal(page, manual('cephflex', doc), 'the page is current; if not, run "npm run docs"')

const mandoc = (page: string, ...args: string[]) =>
  spawnSync('mandoc', args, { input: page, encoding: 'utf8' })

t.test('mandoc has no complaints', { skip: needsProgram('mandoc') }, async t => {
  const { status, stdout, stderr } = mandoc(page, '-T', 'lint', '-W', 'style')
  // it also looks for the pages of SEE ALSO, which may not be installed
  const problems = stdout
    .split('\n')
    .filter(line => line !== '' && !line.includes('STYLE: referenced manual not found'))
  t.strictSame([problems, stderr], [[], ''], `no warning, exit ${status}`)
  t.match(
    mandoc(`${page}.NONSENSE\n`, '-T', 'lint').stdout,
    /NONSENSE/,
    'mandoc reports an error in the page',
  )
})

t.test('the rendered page', { skip: needsProgram('mandoc') }, async t => {
  const { stdout } = mandoc(page, '-T', 'ascii', '-O', 'width=200')
  // mandoc prints bold as letter, backspace, letter
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the backspace
  const text = stdout.replace(/.\u0008/g, '')
  for (const { path, commands } of flatten(doc))
    if (commands.length === 0 && path.at(-1) !== 'help')
      t.match(text, `cephflex ${path.join(' ')}`, path.join(' '))
  for (const { name } of OPTION_DOCS) t.match(text, new RegExp(`^ +${name}$|^ +${name} `, 'm'), name)
  for (const name of [...Object.keys(DEFAULT_NODE_CONFIG), ...Object.keys(EXPLANATIONS)])
    t.match(text, new RegExp(`^ +${name}( |$)`, 'm'), name)
  t.match(text, '--store <kind>', 'dashes that can be searched for')
})

t.test('cephflex man', async t => {
  const out: string[] = []
  const code = await runProgram(['man'], { out: line => out.push(line), err: () => undefined, tty: false })
  t.strictSame([code, `${out.join('\n')}\n`], [0, page], 'prints it')
})
