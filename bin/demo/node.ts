import type { DriverStatus } from '../../src/cli/driver/reply.js'
import { CephflexError } from '../../src/core/errors.js'
import { mountedOn } from '../../src/core/target/mount-table.js'
import { files } from '../../src/system/files.js'
import { asyncFiles, runProgram } from '../../src/system/programs.js'
import { masked, type Printer } from './printer.js'

const CALL_MS = 60_000

/**
 * Acts as the kubelet of a node with its own directories below `directory`. It
 * runs the driver as a program, as the kubelet does.
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
    printed: string,
    expected: string,
  ): Promise<DriverStatus> => {
    const start = performance.now()
    const argv = [`CEPHFLEX_CONFIG=${config}`, process.execPath, driver, ...args]
    const { stdout } = await runProgram('env', argv, { timeoutMs: CALL_MS })
    print.title(title, performance.now() - start)
    print.line('call', printed)
    print.line('reply', stdout.trim())
    const reply = JSON.parse(stdout) as DriverStatus
    if (reply.status !== expected)
      throw new CephflexError('ECLUSTER', `the driver replied "${reply.status}" instead of "${expected}"`)
    return reply
  }
  return {
    init: () => call('the kubelet detects the driver', ['init'], 'init', 'Success'),
    /** Creates the target as the kubelet does, and calls mount. @returns the target. */
    mount: async (
      title: string,
      pod: string,
      options: Record<string, string>,
      expected = 'Success',
    ): Promise<string> => {
      const target = targetIn(directory, pod)
      await asyncFiles.ensureDir(target, 0o750)
      const printed = `mount ${target} ${masked(options)}`
      await call(title, ['mount', target, JSON.stringify(options)], printed, expected)
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
      print.line('kernel', left === 0 ? 'nothing is mounted' : `${left} mounts remain`)
    },
    /** Runs a shell command in the volume, as a pod would. */
    inPod: async (title: string, target: string, command: string, mayFail = false): Promise<void> => {
      const start = performance.now()
      const { stdout, stderr, exitCode } = await runProgram('sh', ['-c', command], {
        timeoutMs: CALL_MS,
        cwd: target,
      })
      print.title(title, performance.now() - start)
      print.line('$', command)
      for (const line of `${stdout}\n${stderr}`.split('\n').filter(Boolean)) print.line('', line)
      if (exitCode !== 0 && !mayFail) throw new CephflexError('ECLUSTER', `"${command}" failed in the volume`)
    },
  }
}

/** The volume directory of a pod, with the name that the kubelet gives it. */
function targetIn(directory: string, pod: string) {
  return `${directory}/pods/${pod}/volumes/cephflex~cephfs/data`
}
