import type { NodeFacts } from '../../core/doctor/node-facts.js'
import {
  DEFAULT_PLUGIN_DIR,
  flagValue,
  KNOWN_PLUGIN_DIRS,
  pluginDirIn,
  pluginDirOfDriver,
} from '../../core/kubelet/kubelet-flags.js'
import type { System } from '../../system/system.js'
import { findKubelet } from '../kubelet/find-kubelet.js'

const TRY_MS = 4_000

/** Which kubelet runs. Its version is asked of its own program file, which need not be in PATH. */
export async function kubeletFact(system: System): Promise<NodeFacts['kubelet']> {
  const pid = findKubelet(system)
  if (pid === undefined) return { pid, version: undefined }
  const { stdout } = await system.run(`/proc/${pid}/exe`, ['--version'], { timeoutMs: TRY_MS })
  return { pid, version: stdout.split('\n')[0]?.trim() || undefined }
}

/**
 * The kubelet's plugin directory and the CephFS drivers in it. `init` changes nothing, so it is really called.
 *
 * @param program the path of this program, which may be such a driver.
 */
export async function pluginFact(system: System, program: string): Promise<NodeFacts['plugin']> {
  const { files, run } = system
  const { directory, foundBy } = findDirectory(system, program)
  const exists = files.kind(directory) === 'directory'
  const drivers = files.list(directory).flatMap(name => {
    const driver = name.split('~').at(-1) ?? ''
    return name.startsWith('.') || !isOurs(name, driver) ? [] : [`${directory}/${name}/${driver}`]
  })
  const writable = exists && (await run('test', ['-w', directory], { timeoutMs: TRY_MS })).exitCode === 0
  const answers = await Promise.all(
    drivers.map(async path => ({ path, answers: await answersInit(system, path) })),
  )
  return { directory, foundBy, exists, writable, drivers: answers }
}

type FoundPluginDir = { directory: string; foundBy: string }

function findDirectory(system: System, program: string): FoundPluginDir {
  const own = pluginDirOfDriver(program)
  const known = KNOWN_PLUGIN_DIRS.find(path => system.files.kind(path) === 'directory')
  return (
    fromKubelet(system) ??
    (own ? { directory: own, foundBy: 'where this program is' } : undefined) ??
    (known ? { directory: known, foundBy: 'it exists' } : undefined) ?? {
      directory: DEFAULT_PLUGIN_DIR,
      foundBy: 'the default',
    }
  )
}

function fromKubelet(system: System): FoundPluginDir | undefined {
  const pid = findKubelet(system)
  if (pid === undefined) return undefined
  const words = system.processes.argvOf(pid)
  const flag = flagValue(words, 'volume-plugin-dir')
  if (flag) return { directory: flag, foundBy: `--volume-plugin-dir of the kubelet, process ${pid}` }
  const file = flagValue(words, 'config')
  const named = pluginDirIn((file?.startsWith('/') && system.files.read(`/proc/${pid}/root${file}`)) || '')
  if (named) return { directory: named, foundBy: `volumePluginDir in ${file}` }
  return { directory: DEFAULT_PLUGIN_DIR, foundBy: `the default of the kubelet, process ${pid}` }
}

function isOurs(name: string, driver: string) {
  return /ceph/i.test(`${name} ${driver}`)
}

/** Whether a driver does what the kubelet asks of it first. */
async function answersInit({ run }: System, path: string): Promise<boolean> {
  const { exitCode, stdout, stderr } = await run(path, ['init'], { timeoutMs: TRY_MS })
  try {
    const reply = JSON.parse(`${stdout}${stderr}`) as { status?: unknown } | null
    return exitCode === 0 && reply?.status === 'Success'
  } catch {
    return false
  }
}
