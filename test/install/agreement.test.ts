// doctor and install.sh find the same kubelet. Requires root: each row is a separate node, made from this machine's /usr.
import './bundled.js'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import type { CheckResult } from '../../src/core/doctor/check.js'
import { asItIs, coverageEnv } from '../support/coverage.js'
import { KUBELETS, type KubeletRow } from '../support/kubelets.js'
import { COMMAND, HANDOVER } from './binary.js'

t.setTimeout(290_000)

const DRIVER = '/opt/driver'

/** Starts a shell with the kubelet's name, which runs a script that waits, with the kubelet's arguments after it. */
const START = `exec -a "$2" "/opt/$1" /opt/wait "\${@:3}"`

/** The output of both commands, in a mount and process namespace where the kubelet of this row runs. */
const runBoth = async ({ name, argv: [first = '', ...rest], files = {} }: KubeletRow, root: string) => {
  const write = (path: string, text: string) => {
    fs.mkdirSync(dirname(join(root, path)), { recursive: true })
    fs.writeFileSync(join(root, path), text, { mode: 0o755 })
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  write(DRIVER, `#!/bin/sh\ncase $1 in\n${HANDOVER}\nesac\n`)
  write('/opt/wait', 'sleep 60 & wait\n')
  fs.copyFileSync('/bin/sh', join(root, 'opt', name))
  write(
    '/opt/commands',
    `cd ${process.cwd()}; ${COMMAND} doctor --json; echo; echo ---; sh install.sh --dry-run --binary ${DRIVER}\n`,
  )
  const script = `set -e
    for d in /usr /dev "$PWD"; do mkdir -p "$0$d"; mount --rbind "$d" "$0$d"; done
    for d in bin lib lib64 sbin; do [ ! -L "/$d" ] || ln -s "usr/$d" "$0/$d"; done
    mkdir -p "$0/proc" "$0/run"; mount -t proc proc "$0/proc"
    chroot "$0" bash -c '${START}' bash "$@" & sleep 0.2
    exec chroot "$0" sh /opt/commands`
  const namespace = ['-m', '-p', '-f', '--kill-child', '--propagation', 'private']
  const env = { PATH: process.env['PATH'], ...coverageEnv() }
  const { stdout, stderr } = await execa(
    ...asItIs('unshare', [...namespace, 'bash', '-c', script, root, name, first, ...rest]),
    {
      extendEnv: false,
      env,
      reject: false,
      stdin: 'ignore',
    },
  )
  const [doctor = '', install = ''] = stdout.split('\n---\n')
  return { doctor, install, stderr }
}

for (const row of KUBELETS)
  t.test(row.title, async t => {
    const root = fs.mkdtempSync('/tmp/cephflex-agreement-')
    t.teardown(() => fs.rmSync(root, { recursive: true }))
    const { doctor, install, stderr } = await runBoth(row, root)
    const expected = [row.pluginDir, row.rootDir]
    t.match(install, /^would create .* containing cephfs with one rename$/m, stderr)
    t.strictSame(
      [
        /^plugin directory: (.*) \(/m.exec(install)?.[1],
        /^kubelet: .* root directory (.*)$/m.exec(install)?.[1],
      ],
      expected,
      'install.sh --dry-run',
    )
    const results = JSON.parse(doctor) as CheckResult[]
    const message = (id: string) => results.find(result => result.id === id)?.message ?? ''
    t.strictSame(
      [
        /^(\S+) \(/.exec(message('plugin-directory'))?.[1],
        /root directory (\S+)$/.exec(message('kubelet'))?.[1],
      ],
      expected,
      'cephflex doctor',
    )
  })
