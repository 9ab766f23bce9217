import t from 'tap'
import { k3sWords, pluginDirIn } from '../../../src/core/kubelet/config-file.js'
import { flagValue, flagValues } from '../../../src/core/kubelet/flags.js'
import { DEFAULT_PLUGIN_DIR, driverPath, KNOWN_PLUGIN_DIRS } from '../../../src/core/kubelet/plugin-dirs.js'
import { variablesIn, wordsOfArgumentsFile, wordsOfUnit } from '../../../src/core/kubelet/words.js'

t.equal(flagValue(['kubelet', '--a=1', '--a', '2'], 'a'), '2', 'the last one wins, in either form')
t.equal(flagValue(['kubelet', '--ab=1'], 'a'), undefined)
t.equal(flagValue(['kubelet', '--a'], 'a'), undefined)
t.equal(flagValue(['--a_b=c=d'], 'a-b'), 'c=d', 'an underscore is a hyphen')
t.strictSame(flagValues(['x', '--a=1', '-b', '2', '--a', '3', '-ab', '--a'], 'a', 'b'), ['1', '2', '3'])

t.equal(pluginDirIn('kind: X\nvolumePluginDir: "/a/b" # why\n'), '/a/b')
t.equal(pluginDirIn('{"kind":"X","volumePluginDir":"/a/b"}'), '/a/b')
t.equal(pluginDirIn('# volumePluginDir: /a'), undefined)
t.equal(pluginDirIn('other:\n  volumePluginDir: /a\n'), undefined, 'a key of another object')
for (const text of ['', '- a', 'a: [', 'volumePluginDir: 7'])
  t.equal(pluginDirIn(text), undefined, `"${text}" sets none`)

t.strictSame(driverPath('/p/exec/a.b~cephfs/cephfs'), {
  pluginDir: '/p/exec',
  vendor: 'a.b',
  driver: 'cephfs',
})
t.equal(driverPath('/usr/bin/cephflex'), undefined)
t.equal(KNOWN_PLUGIN_DIRS.at(-1)?.path, DEFAULT_PLUGIN_DIR, 'the default comes last')

t.strictSame(k3sWords(['a: 1\nb: [x, y]', 'a+: 2\nb: z', 'c+: w']), ['--a=1', '--a=2', '--b=z', '--c=w'])
t.strictSame(
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable in the file
  wordsOfArgumentsFile('--a=$X/1 --b "${X} 2"\n # --c\n--d=\'$Y\'', { X: '/x' }),
  ['--a=/x/1', '--b', '/x 2', '--d=$Y'],
  'an unknown variable is not replaced',
)
t.strictSame(wordsOfUnit("[Service]\nExecStart=/no\nExecStart=/k3s \\\n  server \\\n\t'--a' \\\n"), [
  'server',
  '--a',
])
t.strictSame(wordsOfUnit(''), [])
t.strictSame(variablesIn('# x\nA=1\nB="2 3"\nC=\nnonsense'), { A: '1', B: '2 3', C: '' })
