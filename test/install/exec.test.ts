// "install.sh --exec": a command of the binary in the namespaces of another process, as the DaemonSet runs "recover".
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { until } from '../lab/until.js'

const directory = mkdtempSync('/tmp/cephflex-exec-')
t.teardown(() => rmSync(directory, { recursive: true }))
const binary = `${directory}/driver`
writeFileSync(
  binary,
  `#!/bin/sh
[ "$1" != --version ] || exit 0
for name in mnt uts ipc net cgroup; do readlink /proc/self/ns/$name; done
printf '<%s>' "$@"
`,
  { mode: 0o755 },
)
const run = (...args: string[]) =>
  execa('sh', ['install.sh', '--binary', binary, ...args], { reject: false, stdin: 'ignore', lines: true })
const spaces = (pid: number | 'self') =>
  ['mnt', 'uts', 'ipc', 'net', 'cgroup'].map(name => readlinkSync(`/proc/${pid}/ns/${name}`))

t.test('in the namespaces of a process', async t => {
  const node = execa('unshare', ['-m', '-u', '-i', '-n', '-C', 'sleep', '60'], { reject: false })
  t.teardown(() => node.kill())
  const pid = node.pid ?? 0
  await until('it has namespaces of its own', () =>
    spaces(pid).every((link, n) => link !== spaces('self')[n]),
  )
  const { stdout, stderr } = await run(
    `--root=/proc/${pid}/root`,
    '--exec',
    'recover',
    '--watch',
    '--root',
    'a b',
  )
  t.strictSame(stdout, [...spaces(pid), '<recover><--watch><--root><a b>'], stderr.join('\n'))
})

t.test('without --root, here', async t => {
  const { stdout } = await run('--engine=node', '--exec', 'status')
  t.strictSame(stdout, [...spaces('self'), '<status>'])
})

t.test('another directory has no namespaces', async t => {
  for (const root of ['/proc/self/root', '/tmp'])
    t.match(await run('--root', root, '--exec', 'status'), { exitCode: 2 }, root)
})
