import type { NodeFacts } from '../../core/doctor/node-facts.js'
import { answersInit } from '../../core/kubelet/init-reply.js'
import { versionIn } from '../../core/kubelet/settings.js'
import { driverFiles } from '../../system/driver-files.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { findKubelet } from '../kubelet/find-kubelet.js'
import { findPluginDir, kindBehind } from '../kubelet/find-plugin-dir.js'
import { sightOfFile } from '../kubelet/sight-of-file.js'

const TRY_MS = 4_000

/** The running kubelet, its root directory, and its version: printed by its executable, which may not be in PATH. */
export async function kubeletFact(system: System): Promise<NodeFacts['kubelet']> {
  const kubelet = findKubelet(system)
  if (!kubelet) return { pid: undefined, version: undefined, rootDir: undefined }
  const { pid, rootDir } = kubelet
  const result = await optional(
    system.run(`/proc/${pid}/exe`, kubelet.versionArguments, { timeoutMs: TRY_MS }),
  )
  const version = versionIn(result?.stdout ?? '')
  return { pid, version: version && `Kubernetes ${version.text}`, rootDir }
}

/**
 * The kubelet's plugin directory and the CephFS drivers in it. Runs their `init`, which changes nothing.
 *
 * @param program the path of this program, which may be such a driver.
 */
export async function pluginFact(system: System, program: string): Promise<NodeFacts['plugin']> {
  const { files, run } = system
  const { directory, foundBy, kubelet } = findPluginDir(system, program)
  const exists = kindBehind(files, directory) === 'directory'
  const drivers = files.list(directory).flatMap((name): `/${string}`[] => {
    const driver = name.split('~').at(-1) ?? ''
    return name.startsWith('.') || !isOurs(name, driver)
      ? []
      : [`/${directory.replace(/^\//, '')}/${name}/${driver}`]
  })
  const writable = exists && (await run('test', ['-w', directory], { timeoutMs: TRY_MS })).exitCode === 0
  const answers = await Promise.all(
    drivers.map(async path => ({
      path,
      answers: answersInit(await optional(run(path, ['init'], { timeoutMs: TRY_MS }))),
      seen: kubelet && (await isSeen(system, kubelet.pid, path)),
    })),
  )
  return { directory, foundBy, exists, writable, drivers: answers }
}

/** Whether a process has the same file at a path as this one; undefined if that is unknown. */
async function isSeen(system: System, pid: number, path: string): Promise<boolean | undefined> {
  const { found } = await sightOfFile(system, pid, path)
  return found === 'unknown' ? undefined : found === (await driverFiles.sha256(path))
}

function isOurs(name: string, driver: string) {
  return /ceph/i.test(`${name} ${driver}`)
}
