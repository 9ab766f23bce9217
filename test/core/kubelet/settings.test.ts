import t from 'tap'
import { DISTRIBUTIONS } from '../../../src/core/kubelet/distributions.js'
import { isKubelet, kubeletSettings } from '../../../src/core/kubelet/settings.js'
import { KUBELETS } from '../../support/kubelets.js'

const files = (texts: Readonly<Record<string, string>>, environment: Record<string, string> = {}) => ({
  read: (path: string) => texts[path],
  list: (directory: string) =>
    Object.keys(texts)
      .filter(path => path.startsWith(`${directory}/`))
      .map(path => path.slice(directory.length + 1))
      .sort(),
  environment: () => environment,
})
const process = (name: string, ...argv: string[]) => ({ pid: 7, name, argv })

for (const { title, name, argv, files: texts = {}, pluginDir, rootDir } of KUBELETS) {
  t.ok(isKubelet({ pid: 7, name, argv }), `${title}: is a kubelet`)
  const found = kubeletSettings({ pid: 7, name, argv }, files(texts))
  t.strictSame([found.pluginDir?.path, found.rootDir], [pluginDir, rootDir], title)
}
for (const { usedBy, isKubelet } of DISTRIBUTIONS)
  t.ok(
    KUBELETS.some(({ name, argv }) => isKubelet({ pid: 7, name, argv })),
    `a command line of ${usedBy}`,
  )

for (const other of [
  process('systemd', '/sbin/init', '--volume-plugin-dir=/no'),
  process('hyperkube', '/hyperkube', 'apiserver'),
  process('k3s', '/usr/local/bin/k3s', 'kubectl', 'get', 'pods'),
  process('kubelet'),
])
  t.notOk(isKubelet(other), `${other.name} ${other.argv.slice(1)} is not a kubelet`)

const settings = (argv: string[], texts = {}) => kubeletSettings(process('kubelet', ...argv), files(texts))
t.match(settings(['--config=/gone']), { pluginDir: undefined, unreadable: '/gone' }, 'the file may set it')
t.match(
  settings(['--config=/gone', '--config-dir=/d'], { '/d/a.conf': 'volumePluginDir: /p' }),
  { pluginDir: { path: '/p' } },
  'a drop-in sets it',
)
t.equal(settings(['--root-dir=relative']).rootDir, '/var/lib/kubelet', 'a relative path cannot be resolved')
t.equal(settings(['--root-dir=/']).rootDir, '/')
t.match(
  settings(['--config', 'x.yaml'], { 'x.yaml': 'volumePluginDir: ""' }).pluginDir,
  { foundBy: /default.*process 7/ },
  'an empty value counts as unset',
)
t.match(
  kubeletSettings(
    process('k3s-server', 'k3s', 'server', '--data-dir', '/no'),
    files({ '/e.yaml': 'kubelet-arg: volume-plugin-dir=/e' }, { K3S_CONFIG_FILE: '/e.yaml' }),
  ).pluginDir,
  { path: '/e' },
  'the environment sets the configuration file of k3s',
)
