import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  flagValue,
  KNOWN_PLUGIN_DIRS,
  pluginDirIn,
  pluginDirOfDriver,
} from '../../../src/core/kubelet/kubelet-flags.js'

t.equal(flagValue(['kubelet', '--a=1', '--a', '2'], 'a'), '2', 'the last one wins, in either form')
t.equal(flagValue(['kubelet', '--ab=1'], 'a'), undefined)
t.equal(flagValue(['kubelet', '--a'], 'a'), undefined)
t.equal(pluginDirIn('kind: X\nvolumePluginDir: "/a/b" # why\n'), '/a/b')
t.equal(pluginDirIn('{"kind":"X","volumePluginDir":"/a/b"}'), '/a/b')
t.equal(pluginDirIn('# volumePluginDir: /a'), undefined)
t.equal(pluginDirOfDriver('/p/exec/cephflex~cephfs/cephfs'), '/p/exec')
t.equal(pluginDirOfDriver('/usr/bin/cephflex'), undefined)

const script = readFileSync('install.sh', 'utf8')
const listed = /^known_plugin_dirs\(\) \{\n {2}cat <<EOF\n([\s\S]*?)^EOF$/m.exec(script)?.[1] ?? ''
const fallback = /^default_plugin_dir=(.*)$/m.exec(script)?.[1] ?? ''
t.strictSame(
  listed
    .trim()
    .split('\n')
    .map(line => line.split(' ')[0]?.replace('$default_plugin_dir', fallback)),
  [...KNOWN_PLUGIN_DIRS],
  'the installer looks in the same places',
)
