import fc from 'fast-check'
import t from 'tap'
import { parse } from 'yaml'
import { fillManifest, summaryOf, variablesOf, yamlScalar } from '../../../src/core/manifests/manifests.js'
import { VARIABLE_NAMES } from '../../../src/core/manifests/variables.js'

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is the form of the manifests' placeholders
const TEXT = [
  '# A volume.',
  'kind: Pod',
  'path: ${path}',
  'fsName: ${fsName} # perhaps',
  'args: [${vendorOption}]',
  '',
].join('\n')
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
const fill = (...settings: string[]) => fillManifest('pod', TEXT, settings)

t.strictSame(
  variablesOf(TEXT),
  ['driver', 'path', 'fsName'],
  'the variables that it uses, also through another variable',
)
t.equal(summaryOf(TEXT), 'A volume', 'the first sentence')

t.test('values', async t => {
  t.strictSame(
    parse(fill()),
    { kind: 'Pod', path: '/volumes/web', args: ['--vendor=cephflex'] },
    'defaults; a line without a value is left out',
  )
  t.strictSame(
    parse(fill('path=/a', 'fsName=second', 'driver=example.com/ceph', 'path=/b=c d')),
    { kind: 'Pod', path: '/b=c d', fsName: 'second', args: ['--vendor=example.com'] },
    'given values; the last one counts',
  )
})

t.test('blocks that depend on a variable', async t => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
  const text = 'a: 1\n  # if recover\nb: ${metricsFile}\n  # end\n# if not recover\nc: 3\n# end\nd: 4\n'
  const names = (...settings: string[]) =>
    Object.keys(parse(fillManifest('x', text, settings)) as object).join('')
  t.equal(names(), 'acd')
  t.equal(names('recover=false'), 'acd')
  t.equal(names('recover=true'), 'abd')
  t.strictSame(variablesOf(text), ['recover', 'metricsFile'], 'it uses both')
  t.throws(() => names('recover=yes'), { code: 'EUSAGE', message: /^recover must be true or false/ })
})

t.test('settings that are refused', async t => {
  const refused = (setting: string, message: RegExp) =>
    t.throws(() => fill(setting), { code: 'EUSAGE', message }, setting)
  refused('pth=/x', /no variable "pth": did you mean "path"\?$/)
  refused('something=/x', /no variable "something"$/)
  refused('image=x', /^pod does not use image; it uses driver, path, fsName$/)
  refused('path', /needs KEY=VALUE, not "path"/)
  refused('=x', /no variable ""/)
  refused('path=relative', /^path must be an absolute path/)
  refused('path=', /^path /)
  refused('path=/a\n  evil: yes', /^path /)
  refused('driver=cephfs', /^driver must be VENDOR\/DRIVER/)
  for (const name of VARIABLE_NAMES) {
    const text = `# x\n${name}: \${${name}}\n`
    t.throws(
      () => fillManifest('x', text, [`${name}=a\n- b: "c`]),
      { code: 'EUSAGE' },
      `${name}: no line breaks`,
    )
  }
})

t.test('any text stays one scalar on one line', async t => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff)), codes => {
      const text = String.fromCharCode(...codes, ...codes.map(code => code % 0x100))
      const scalar = yamlScalar(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: line breaks of YAML 1.1, and characters to escape
      return parse(`a: ${scalar}`).a === text && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(scalar)
    }),
  )
  for (const text of ['', 'yes', '0x1', 'a: b', '# c', '"', '\\', '\u2028', '\u0085', '$'])
    t.equal(parse(yamlScalar(text)), text, yamlScalar(text))
})
