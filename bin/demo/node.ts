import type { DriverStatus } from '../../src/cli/driver/reply.js'
import { CephflexError } from '../../src/core/errors.js'
import { mountedOn } from '../../src/core/target/mount-table.js'
import { files } from '../../src/system/files.js'
import { asyncFiles, runProgram } from '../../src/system/programs.js'
import { masked, type Printer } from './printer.js'

const CALL_MS = 60_000

/**
 * Plays the kubelet on a node of its own: directories below `directory`, and
 * the driver called as a program, with nothing shared but arguments.
 *
 * @param driver the program file.
 */
export async function makeDemoNode(directory: string, driver: string, print: Printer) {
  const config = `${directory}/config.json`
  const settings = { runDirectory: `${directory}/run`, logDirectory: `${directory}/log`, timeoutSeconds: 20 }
  await asyncFiles.outputFile(config, JSON.stringify(settings))

  const call = async (
    title: string,
    args: readonly string[],
    shown: string,
    expected: string,
  ): Promise<DriverStatus> => {
    const begin = performance.now()
    const argv = [`CEPHFLEX_CONFIG=${config}`, process.execPath, driver, ...args]
    const { stdout } = await runProgram('env', argv, { timeoutMs: CALL_MS })
    print.title(title, performance.now() - begin)
    print.line('call', shown)
    print.line('reply', stdout.trim())
    const reply = JSON.parse(stdout) as DriverStatus
    if (reply.status !== expected) throw new CephflexError('ECLUSTER', `the demo expected ${expected} here`)
    return reply
  }
  return {
    init: () => call('the kubelet finds the driver', ['init'], 'init', 'Success'),
    /** Makes the target as the kubelet does, and asks for the mount. */
    mount: async (
      title: string,
      pod: string,
      options: Record<string, string>,
      expected = 'Success',
    ): Promise<string> => {
      const target = targetIn(directory, pod)
      await asyncFiles.ensureDir(target, 0o750)
      const shown = `mount ${target} ${masked(options)}`
      await call(title, ['mount', target, JSON.stringify(options)], shown, expected)
      const entry = mountedOn(files.read('/proc/self/mountinfo') ?? '', target).at(-1)
      print.line(
        'kernel',
        entry ? `${entry.source} ${entry.fsType} ${entry.options.join(',')}` : 'nothing is mounted',
      )
      return target
    },
    unmount: async (title: string, pod: string): Promise<void> => {
      const target = targetIn(directory, pod)
      await call(title, ['unmount', target], `unmount ${target}`, 'Success')
      const left = mountedOn(files.read('/proc/self/mountinfo') ?? '', target).length
      print.line('kernel', left === 0 ? 'nothing is mounted' : `${left} mounts are left`)
    },
    /** What a pod does: one shell command in the volume. */
    inPod: async (title: string, target: string, command: string, mayFail = false): Promise<void> => {
      const begin = performance.now()
      const { stdout, stderr, exitCode } = await runProgram('sh', ['-c', command], {
        timeoutMs: CALL_MS,
        cwd: target,
      })
      print.title(title, performance.now() - begin)
      print.line('$', command)
      for (const line of `${stdout}\n${stderr}`.split('\n').filter(Boolean)) print.line('', line)
      if (exitCode !== 0 && !mayFail) throw new CephflexError('ECLUSTER', `"${command}" failed in the volume`)
    },
  }
}

/** A pod's volume directory, as the kubelet names it. */
function targetIn(directory: string, pod: string) {
  return `${directory}/pods/${pod}/volumes/cephflex~cephfs/data`
}
