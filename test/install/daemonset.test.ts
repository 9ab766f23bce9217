import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { fillManifest } from '../../src/core/manifests/manifests.js'
import { readAsset } from '../../src/system/assets.js'
import { HANDOVER } from '../install/binary.js'
import { objectsIn } from '../support/kubernetes.js'

type Installer = {
  args: string[]
  securityContext: { allowPrivilegeEscalation: boolean; capabilities: { drop: string[]; add: string[] } }
}
type DaemonSet = { spec: { template: { spec: { initContainers: [Installer] } } } }

const [, daemonSet] = objectsIn(
  fillManifest('daemonset', readAsset('kubernetes/daemonset.yaml'), ['pluginDir=/plugins']),
)
const { args, securityContext } = (daemonSet as unknown as DaemonSet).spec.template.spec.initContainers[0]
const capabilities = securityContext.capabilities.add

/** A node's root directory as mounted in a container: programs, libraries, devices, /proc and checkout of this machine. */
const work = mkdtempSync(join(tmpdir(), 'cephflex-daemonset-'))
const root = join(work, 'host')
const bound = ['/usr', '/dev', process.cwd()]
for (const name of [...bound, 'etc', 'proc', 'plugins']) mkdirSync(join(root, name), { recursive: true })
for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, join(root, name))
for (const name of bound) execFileSync('mount', ['--bind', name, join(root, name)])
execFileSync('mount', ['-t', 'proc', 'proc', join(root, 'proc')])
t.teardown(() => {
  for (const name of [...bound, 'proc']) execFileSync('umount', [join(root, name)])
  rmSync(work, { recursive: true })
})

// stands for the binary in /opt/cephflex of the image: a script that runs this program
const driver = join(work, 'driver')
writeFileSync(
  driver,
  `#!/bin/sh\ncase $1 in\n${HANDOVER}\nesac\necho '{"status":"Success","capabilities":{"attach":false}}'\n`,
)
chmodSync(driver, 0o755)

/** Runs the init container's command with only its capabilities. */
const install = (capabilities: readonly string[]) => {
  const bounds = ['-all', ...capabilities.map(name => `+${name.toLowerCase()}`)].join(',')
  const container = ['--no-new-privs', '--reset-env', '--inh-caps=-all', `--bounding-set=${bounds}`]
  const command = ['sh', 'install.sh', ...args.map(arg => arg.replace('--root=/host', `--root=${root}`))]
  return execFileSync('setpriv', [...container, ...command, '--binary', driver], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

t.strictSame([securityContext.capabilities.drop, capabilities], [['ALL'], ['SYS_CHROOT']], 'one capability')
t.equal(securityContext.allowPrivilegeEscalation, false)
t.throws(() => install([]), /Operation not permitted/, 'without it, the driver cannot be tested on the node')
t.notOk(existsSync(join(root, 'plugins/cephflex~cephfs')), 'and the driver is not installed')
t.match(install(capabilities), /answers init\ndone: /, 'with it, the driver is installed and tested')
t.ok(existsSync(join(root, 'plugins/cephflex~cephfs/cephfs')), 'in the plugin directory')
