// Where the driver is installed, and how it is removed. This does not depend on the shell.
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import {
  type Case,
  DEFAULT_DIR,
  DRIVER,
  type Node,
  OTHER_DIR,
  ok,
  refused,
  runCases,
  shells,
} from './node.js'

const CONFIG = '/var/lib/kubelet/config.yaml'
const kubelet = (...args: string[]) => ['kubelet', ...args] as const
const withConfig = (text: string) => ({
  files: { [CONFIG]: text },
  process: kubelet('/usr/bin/kubelet', `--config=${CONFIG}`),
})

type Finding = {
  process?: readonly [string, ...string[]]
  files?: Record<string, string>
  directories?: string[]
  dir: string
  note?: RegExp
}

const finding: Record<string, Finding> = {
  'no kubelet, no known directory': { dir: DEFAULT_DIR },
  'a known directory that exists': { directories: [OTHER_DIR], dir: OTHER_DIR },
  'several known directories': {
    directories: [DEFAULT_DIR, OTHER_DIR, '/home/kubernetes/flexvolume'],
    dir: '/home/kubernetes/flexvolume',
    note: /no kubelet is running; using \/home\/kubernetes\/flexvolume, but other known directories exist: /,
  },
  'a flag': {
    process: kubelet('kubelet', '--v=2', '--volume-plugin-dir=/opt/flex dir/'),
    dir: '/opt/flex dir',
  },
  'a flag in two words': {
    process: kubelet('kubelet', '--volume-plugin-dir', '/opt/flex', '--v'),
    dir: '/opt/flex',
  },
  'the last of two flags': {
    process: kubelet('kubelet', '--volume-plugin-dir=/a', '--volume-plugin-dir=/b'),
    dir: '/b',
  },
  hyperkube: {
    process: ['hyperkube', 'hyperkube', 'kubelet', '--volume-plugin-dir=/opt/flex'],
    dir: '/opt/flex',
  },
  'hyperkube, not the kubelet': { process: ['hyperkube', 'hyperkube', 'apiserver'], dir: DEFAULT_DIR },
  YAML: { ...withConfig('kind: KubeletConfiguration\nvolumePluginDir: /opt/y # here\n'), dir: '/opt/y' },
  'YAML, quoted': { ...withConfig('# volumePluginDir: /no\nvolumePluginDir: "/opt/y"\n'), dir: '/opt/y' },
  JSON: { ...withConfig('{\n  "volumePluginDir": "/opt/j",\n  "a": 1\n}\n'), dir: '/opt/j' },
  'JSON on one line': { ...withConfig('{"a":1,"volumePluginDir":"/opt/j","b":[2]}'), dir: '/opt/j' },
  'a flag before the configuration': {
    files: { [CONFIG]: 'volumePluginDir: /opt/y\n' },
    process: kubelet('kubelet', '--config', CONFIG, '--volume-plugin-dir=/opt/f'),
    dir: '/opt/f',
  },
  'a drop-in after the configuration': {
    files: { [CONFIG]: 'volumePluginDir: /opt/y\n', '/etc/kubelet.d/10-x.conf': 'volumePluginDir: /opt/d\n' },
    process: kubelet('kubelet', `--config=${CONFIG}`, '--config-dir=/etc/kubelet.d'),
    dir: '/opt/d',
  },
  'a kubelet that sets none uses the default': {
    ...withConfig('volumePluginDir: ""\n'),
    directories: [OTHER_DIR],
    dir: DEFAULT_DIR,
  },
  'a configuration that cannot be read': {
    process: kubelet('kubelet', '--config=/gone.yaml'),
    directories: [OTHER_DIR],
    dir: OTHER_DIR,
    note: /cannot read \/gone\.yaml/,
  },
  'k3s, argument': {
    process: ['k3s-server', 'k3s', 'server', '--kubelet-arg', 'volume-plugin-dir=/k'],
    dir: '/k',
  },
  'k3s, configuration': {
    process: ['k3s-agent', 'k3s agent'],
    files: {
      '/etc/rancher/k3s/config.yaml':
        'kube-controller-manager-arg: flex-volume-plugin-dir=/no\nkubelet-arg:\n  - "volume-plugin-dir=/k"\n',
    },
    dir: '/k',
  },
  microk8s: {
    process: [
      'kubelite',
      '/snap/microk8s/1/kubelite',
      '--kubelet-args-file=/var/snap/microk8s/1/args/kubelet',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the format of microk8s
    files: { '/var/snap/microk8s/1/args/kubelet': '--v=2\n--volume-plugin-dir=${SNAP_COMMON}/flex\n' },
    dir: '/var/snap/microk8s/common/flex',
  },
}

function findingCase([name, expected]: [string, Finding]): Case {
  return [
    `finds the plugin directory: ${name}`,
    async (t, node) => {
      node.process(1, 'systemd', ['/sbin/init', '--volume-plugin-dir=/no'])
      const [comm, ...argv] = expected.process ?? []
      if (comm) node.process(4242, comm, argv)
      for (const [path, text] of Object.entries(expected.files ?? {})) node.file(path, text)
      for (const path of expected.directories ?? []) fs.mkdirSync(node.path(path), { recursive: true })
      const result = await node.run('--dry-run')
      ok(t, result)
      t.match(result.stdout, `plugin directory: ${expected.dir} (`)
      t.match(result.stderr, expected.note ?? /^$/)
    },
  ]
}

const roots: Record<string, { process: readonly [string, ...string[]]; config: string }> = {
  'the default': { process: kubelet('kubelet'), config: '{"kubeletRoots": ["/var/lib/kubelet"]}\n' },
  'a flag': { process: kubelet('kubelet', '--root-dir=/data/k'), config: '{"kubeletRoots": ["/data/k"]}\n' },
  'k3s, argument': {
    process: ['k3s-server', 'k3s', 'server', '--kubelet-arg', 'root-dir=/k'],
    config: '{"kubeletRoots": ["/k"]}\n',
  },
  'one that JSON would have to escape': { process: kubelet('kubelet', '--root-dir=/a"b'), config: '{}\n' },
}

const rootCase = ([name, { process, config }]: [string, (typeof roots)[string]]): Case => [
  `the configuration contains the kubelet's root directory: ${name}`,
  async (t, node) => {
    const [comm, ...argv] = process
    node.process(4242, comm, argv)
    ok(t, await node.run('--plugin-dir', OTHER_DIR))
    t.equal(fs.readFileSync(node.path('/etc/cephflex/config.json'), 'utf8'), config)
  },
]

const uninstalling: Case[] = [
  [
    'removes the driver and its directory, keeps configuration and logs',
    async (t, node) => {
      ok(t, await node.run('--plugin-dir', OTHER_DIR))
      node.file('/var/log/cephflex/driver.log', '{}\n')
      ok(t, await node.run('--uninstall'))
      t.strictSame(fs.readdirSync(node.path(OTHER_DIR)), [])
      t.ok(fs.existsSync(node.path('/etc/cephflex/config.json')))
      t.ok(fs.existsSync(node.path('/var/log/cephflex/driver.log')))
      const again = await node.run('--uninstall', '--purge')
      ok(t, again)
      t.match(again.stdout, 'nothing to remove')
      t.notOk(fs.existsSync(node.path('/etc/cephflex')))
      t.notOk(fs.existsSync(node.path('/var/log/cephflex')))
    },
  ],
  [
    'finds a driver that is not in the first known directory',
    async (t, node) => {
      fs.mkdirSync(node.path('/etc/kubernetes/volumeplugins'), { recursive: true })
      ok(t, await node.run('--plugin-dir', OTHER_DIR))
      ok(t, await node.run('--uninstall'))
      t.notOk(fs.existsSync(node.driver(OTHER_DIR)))
    },
  ],
  [
    'a plugin directory behind a symbolic link',
    async (t, node) => {
      fs.mkdirSync(node.path('/data/plugins'), { recursive: true })
      fs.mkdirSync(dirname(node.path(OTHER_DIR)), { recursive: true })
      fs.symlinkSync(node.path('/data/plugins'), node.path(OTHER_DIR))
      ok(t, await node.run())
      t.strictSame(fs.readdirSync(node.path('/data/plugins')), ['cephflex~cephfs'])
      ok(t, await node.run('--uninstall'))
      t.strictSame(fs.readdirSync(node.path('/data/plugins')), [])
    },
  ],
  [
    'never removes files that it did not install',
    async (t, node) => {
      ok(t, await node.run())
      fs.writeFileSync(join(dirname(node.driver()), 'foreign'), '')
      const result = await node.run('--uninstall')
      ok(t, result)
      t.match(result.stderr, 'not empty')
      t.strictSame(fs.readdirSync(dirname(node.driver())), ['foreign'])
    },
  ],
  [
    'is refused while a volume is mounted, unless forced',
    async (t, node) => {
      ok(t, await node.run())
      const point = '/var/lib/kubelet/pods/1-2/volumes/cephflex~cephfs/data'
      const foreign = '36 1 0:50 / /var/lib/kubelet/pods/1/volumes/other~cephfs/x rw - ceph 1.2.3.4:/ rw\n'
      for (const type of ['fuse.ceph-fuse', 'ceph']) {
        node.write(join(node.proc, 'self/mountinfo'), foreign)
        node.write(
          join(node.proc, '1/mountinfo'),
          `${foreign}37 1 0:51 / ${point} rw,relatime shared:9 - ${type} x rw\n`,
        )
        refused(
          t,
          await node.run('--uninstall'),
          new RegExp(`still has volumes mounted:\\n  ${point}\\n.*--force`),
        )
        t.ok(fs.existsSync(node.driver()))
      }
      const forced = await node.run('--uninstall', '--force')
      ok(t, forced)
      t.match(forced.stderr, 'volumes are still mounted')
      t.notOk(fs.existsSync(node.driver()))
      ok(t, await node.run('--uninstall'))
    },
  ],
  [
    'is refused while there is a state file; other mounts do not matter',
    async (t, node) => {
      ok(t, await node.run())
      const foreign = '36 1 0:50 / /pods/1/volumes/cephflex~cephfs/x rw - tmpfs tmpfs rw\n'
      node.write(join(node.proc, 'self/mountinfo'), foreign)
      node.file('/run/cephflex/state/abc.json', '{}')
      refused(t, await node.run('--uninstall'), /abc\.json/)
      fs.rmSync(node.path('/run/cephflex/state/abc.json'))
      ok(t, await node.run('--uninstall'))
      t.notOk(fs.existsSync(node.driver()))
    },
  ],
]

const packaging: Case[] = [
  [
    'the packages of a node',
    async (t, node) => {
      const systems = [
        ['ID=debian', 'x86_64', 'apt-get install -y ceph-fuse ceph-common'],
        ['ID=debian', 'aarch64', 'apt-get install -y ceph-common'],
        ['ID=ubuntu\nID_LIKE=debian', 'aarch64', 'apt-get install -y ceph-fuse ceph-common'],
        ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'x86_64', 'dnf install -y ceph-fuse ceph-common'],
        ['ID=fedora', 'aarch64', 'dnf install -y ceph-fuse ceph-common'],
        [
          'ID="opensuse-leap"\nID_LIKE="suse opensuse"',
          'x86_64',
          'zypper --non-interactive install ceph-fuse',
        ],
      ]
      for (const [release = '', machine = '', command = ''] of systems) {
        node.file('/etc/os-release', `${release}\n`)
        node.machine = machine
        const result = await node.run('--deps')
        ok(t, result)
        t.match(result.stdout, `command: ${command}`)
      }
      node.write(node.path('/usr/bin/yum'), '')
      fs.chmodSync(node.path('/usr/bin/yum'), 0o755)
      node.file('/etc/os-release', 'ID="centos"\nID_LIKE="rhel fedora"\n')
      t.match((await node.run('--deps')).stdout, 'command: yum install -y ceph-fuse ceph-common', 'CentOS 7')
      node.file('/etc/os-release', 'ID=flatcar\n')
      refused(t, await node.run('--deps'), /the packages for this system \(flatcar\) are not known/)
    },
  ],
  [
    '--deps --yes installs them',
    async (t, node) => {
      node.file('/etc/os-release', 'ID=debian\n')
      node.machine = 'x86_64'
      node.fake('apt-get', `echo "apt-get got $*"`)
      t.notMatch((await node.run('--deps')).stdout, 'got')
      t.notMatch((await node.run('--deps', '--yes', '--dry-run')).stdout, 'got')
      t.match((await node.run('--deps', '--yes')).stdout, 'apt-get got install -y ceph-fuse ceph-common')
      node.fake('apt-get', 'exit 100')
      refused(t, await node.run('--deps', '--yes'), /failed\n.*refresh the package lists/)
    },
  ],
]

/** A kubelet in a container: its root directory, and the mount tables of the node and of the kubelet. */
const inContainer = (node: Node, table = '') => {
  node.process(4242, 'kubelet', ['kubelet', `--volume-plugin-dir=${OTHER_DIR}`])
  const root = node.path('/container')
  fs.mkdirSync(root)
  fs.symlinkSync(root, join(node.proc, '4242/root'))
  node.write(join(node.proc, '1/mountinfo'), '26 1 254:0 / / rw - ext4 /dev/vda rw\n')
  node.write(join(node.proc, '4242/mountinfo'), table)
  return root
}

const seeing: Case[] = [
  [
    'fails if the running kubelet has another directory, and names it',
    async (t, node) => {
      const table =
        '50 1 0:44 / / rw - overlay overlay rw\n51 50 254:0 /data/k /var/lib/kubelet rw shared:1 - ext4 /dev/vda rw\n'
      inContainer(node, table)
      const first = await node.run()
      refused(t, first, /EINSTALL: .* process 4242, has no file \/var\/lib\/kubelet\/volumeplugins\//)
      t.match(first.stderr, '--plugin-dir /data/k/volumeplugins')
      t.notMatch(first.stdout, /^done/m)
    },
  ],
  [
    'succeeds if the running kubelet has the same file, and fails for another one',
    async (t, node) => {
      const root = inContainer(node)
      fs.mkdirSync(node.path(OTHER_DIR), { recursive: true })
      fs.mkdirSync(join(root, 'var/lib/kubelet'), { recursive: true })
      fs.mkdirSync(join(root, OTHER_DIR))
      refused(t, await node.run(), /has no file/)
      const inside = join(root, OTHER_DIR, DRIVER)
      fs.mkdirSync(dirname(inside))
      fs.writeFileSync(inside, 'older')
      const other = await node.run()
      refused(t, other, /has another file/)
      t.match(other.stderr, /at the same path/)
      fs.copyFileSync(node.driver(OTHER_DIR), inside)
      const same = await node.run()
      ok(t, same)
      t.match(same.stdout, `the kubelet, process 4242, sees it as ${OTHER_DIR}/${DRIVER}`)
    },
  ],
  [
    'a kubelet before 1.8 must be restarted for a new driver',
    async (t, node) => {
      for (const [version, expected] of [
        ['v1.7.6', /the kubelet is v1\.7\.6, .* restart it/],
        ['v1.8.0', /^$/],
      ] as const) {
        node.process(4242, 'openshift', ['openshift', 'start', 'node', '--config=/etc/origin/node.yaml'])
        node.file('/etc/origin/node.yaml', `kubeletArguments: {volume-plugin-dir: ["/opt/${version}"]}\n`)
        const exe = join(node.proc, '4242/exe')
        fs.rmSync(exe, { force: true })
        const script = `#!/bin/sh\n[ "$1" = version ] && printf 'openshift v3.7.0\\nkubernetes ${version}\\n'\n`
        fs.writeFileSync(exe, script, { mode: 0o755 })
        const result = await node.run()
        ok(t, result)
        t.match(result.stdout, `plugin directory: /opt/${version} `)
        t.match(result.stderr, expected)
      }
    },
  ],
]

const cases = [
  ...seeing,
  ...Object.entries(finding).map(findingCase),
  ...Object.entries(roots).map(rootCase),
  ...uninstalling,
  ...packaging,
]

t.setTimeout(290_000)
runCases(t, shells.slice(0, 1), cases)
