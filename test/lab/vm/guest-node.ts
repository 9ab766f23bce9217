import type { Test } from 'tap'
import type { CheckResult } from '../../../src/core/doctor/check.js'
import type { Vm } from './vm.js'

export type GuestCall = { reply: { status: string; message?: string }; output: string; ms: number }

/** The packaged driver in a guest. */
const DRIVER = { amd64: '/opt/cephflex/cephflex-linux-x64', arm64: '/opt/cephflex/cephflex-linux-arm64' }

/** What the name of the binary with an engine has at its end. */
const ENDING = { 'Node.js': '', Bun: '-bun' }

export type EngineName = keyof typeof ENDING

const PODS = '/var/lib/kubelet/pods'

const CLEAN = `
  pkill -KILL -x 'cephflex.*|mount|mount.ceph|ceph-fuse'
  awk '$2 ~ "^${PODS}/" {print $2}' /proc/mounts | while read -r where; do umount -c -l "$where"; done
  rm -rf /run/cephflex`

export type GuestNode = ReturnType<typeof makeGuestNode>

/** A node in a VM: the packaged driver, called as the kubelet does, with its standard directories. */
export function makeGuestNode(vm: Vm, arch: keyof typeof DRIVER, engine: EngineName = 'Bun') {
  const driver = `${DRIVER[arch]}${ENDING[engine]}`
  /** Input and output of the driver, for a test that fails. */
  const story: string[] = []

  const call = async (args: readonly string[], seconds: number, before = ''): Promise<GuestCall> => {
    const command = [driver, ...args].map(quoted).join(' ')
    const { code, stdout, ms } = await vm.run(`${before}${command} 2>&1`, seconds)
    story.push(`${args.slice(0, 2).join(' ')}: ${code} after ${ms} ms: ${stdout.trim()}`)
    if (code !== 0) throw new Error(`the driver ended with ${code}: ${stdout}`)
    return { reply: JSON.parse(stdout), output: stdout, ms }
  }
  const target = (name = 'data'): string => `${PODS}/0b8a2c4e-pod/volumes/cephflex~cephfs/${name}`

  return {
    driver,
    target,
    call: (...args: string[]) => call(args, 100),
    /** Creates the target if it does not exist, as the kubelet does, and mounts. */
    mount: (options: Record<string, string>, where = target(), seconds = 100) =>
      // stat fails on the mount of an evicted client, so the exit code is ignored
      call(
        ['mount', where, JSON.stringify(options)],
        seconds,
        `[ -d ${quoted(where)} ] || mkdir -p ${quoted(where)} 2>/dev/null\n`,
      ),
    unmount: (where = target(), seconds = 100) => call(['unmount', where], seconds),
    /** The shell command of a call, to be run in the background or in a service. */
    command: (...args: string[]) => [driver, ...args].map(quoted).join(' '),
    /** The types of the mounts on the target, the top one last. */
    typesOn: async (where = target()) =>
      (
        await vm.sh(
          `while read -r _ at type _; do [ "$at" != ${quoted(where)} ] || echo "$type"; done </proc/mounts`,
        )
      )
        .split('\n')
        .filter(Boolean),
    /** The names in the directory of keys, which must exist. */
    keyFiles: () => vm.sh('cd /run/cephflex/keyrings && shopt -s nullglob dotglob && echo -n *'),
    leftovers: async () => (await vm.sh(LEFTOVERS)).trim(),
    configure: (config: Record<string, unknown>) =>
      vm.sh(`mkdir -p /etc/cephflex && echo ${quoted(JSON.stringify(config))} >/etc/cephflex/config.json`),
    /**
     * The results of doctor's checks, by id. It always collects all facts, which takes seconds of the emulated processor:
     * on a busy machine longer than doctor waits, so it is asked again while it does not know something.
     */
    doctor: async (): Promise<Record<string, CheckResult | undefined>> => {
      for (let left = 4; ; left--) {
        const results = JSON.parse((await vm.run(`${driver} doctor --json`, 150)).stdout) as CheckResult[]
        if (left === 0 || !results.some(({ message }) => /^unknown: no answer within/.test(message)))
          return Object.fromEntries(results.map(check => [check.id, check]))
      }
    },
    log: () => vm.sh('cat /var/log/cephflex/cephflex.log'),
    /**
     * One case. If it fails, it prints input and output of the driver, the
     * driver's log and the last kernel messages.
     */
    test: async (t: Test, title: string, work: (t: Test) => Promise<void>) => {
      story.length = 0
      await vm.run('rm -f /var/log/cephflex/cephflex.log')
      await t.test(title, async t => {
        let isDone = false
        try {
          await work(t)
          isDone = true
        } finally {
          if (!isDone || !t.passing()) await report(t)
        }
      })
    },
  }
  async function report(t: Test) {
    const { stdout } = await vm.run(
      'cat /var/log/cephflex/cephflex.log; dmesg | tail -n 20; ps ax | grep -v ]$',
    )
    for (const line of [...story, ...stdout.split('\n')]) t.comment(line)
    // so that the next case does not fail because of this one
    await vm.run(CLEAN)
  }
}

/** A word for the shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * What a finished call must not leave: mounts, keys, locks, states, files of
 * clients, mount programs; one a line. Processes that cannot be killed are marked D.
 * Without a program: each takes a tenth of a second to start.
 */
const LEFTOVERS = `
  while read -r line; do
    set -f -- $line
    case $3 in ceph | fuse.ceph-fuse | fuse) [[ $2 != ${PODS}* ]] || echo "$line" ;; esac
  done </proc/mounts
  set +f
  shopt -s globstar dotglob nullglob
  for file in /run/cephflex/{keyrings,locks,state,clients}/**; do
    [ ! -f "$file" ] && [ ! -S "$file" ] || echo "$file"
  done
  for stat in /proc/[0-9]*/stat; do
    read -r text 2>/dev/null <"$stat" || continue
    name=\${text#*(} name=\${name%)*} state=\${text##*) } state=\${state%% *}
    case $name in ceph-fuse|mount|mount.ceph|umount|flock|stat|systemd-run|cephflex*) ;; *) continue ;; esac
    [ "$state" = Z ] || echo "process $name $state"
  done
  true`
