import type { Test } from 'tap'
import type { CheckResult } from '../../../src/core/doctor/check.js'
import type { Vm } from './vm.js'

export type GuestCall = { reply: { status: string; message?: string }; output: string; ms: number }

/** The packaged driver in a guest: the binary with Node.js. */
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
export function makeGuestNode(vm: Vm, arch: keyof typeof DRIVER, engine: EngineName = 'Node.js') {
  const driver = `${DRIVER[arch]}${ENDING[engine]}`
  /** Input and output of the driver, for a test that fails. */
  const story: string[] = []

  const call = async (args: readonly string[], seconds: number): Promise<GuestCall> => {
    const command = [driver, ...args].map(quoted).join(' ')
    const { code, stdout, ms } = await vm.run(`${command} 2>&1`, seconds)
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
    mount: async (options: Record<string, string>, where = target(), seconds = 100) => {
      // stat fails on the mount of an evicted client, so the exit code is ignored
      await vm.run(`mkdir -p ${quoted(where)}`)
      return call(['mount', where, JSON.stringify(options)], seconds)
    },
    unmount: (where = target(), seconds = 100) => call(['unmount', where], seconds),
    /** The shell command of a call, to be run in the background or in a service. */
    command: (...args: string[]) => [driver, ...args].map(quoted).join(' '),
    /** The types of the mounts on the target, the top one last. */
    typesOn: async (where = target()) =>
      (await vm.sh(`awk -v where=${quoted(where)} '$2 == where {print $3}' /proc/mounts`))
        .split('\n')
        .filter(Boolean),
    leftovers: async () => (await vm.sh(LEFTOVERS)).trim(),
    configure: (config: Record<string, unknown>) =>
      vm.sh(`mkdir -p /etc/cephflex && echo ${quoted(JSON.stringify(config))} >/etc/cephflex/config.json`),
    /** The result of one of doctor's checks. */
    doctor: async (id: string): Promise<CheckResult | undefined> => {
      const { stdout } = await vm.run(`${driver} doctor --json --check ${id}`)
      return (JSON.parse(stdout) as CheckResult[]).find(check => check.id === id)
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
        try {
          await work(t)
        } finally {
          if (!t.passing()) await report(t)
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
 */
const LEFTOVERS = `
  grep -E ' (ceph|fuse[.]ceph-fuse|fuse) ' /proc/mounts | grep -F ' ${PODS}'
  find /run/cephflex/keyrings /run/cephflex/locks /run/cephflex/state /run/cephflex/clients -type f -o -type s 2>/dev/null
  for stat in /proc/[0-9]*/stat; do
    read -r text 2>/dev/null <"$stat" || continue
    name=\${text#*(} name=\${name%)*} state=\${text##*) } state=\${state%% *}
    case $name in ceph-fuse|mount|mount.ceph|umount|flock|stat|systemd-run|cephflex*) ;; *) continue ;; esac
    [ "$state" = Z ] || echo "process $name $state"
  done
  true`
