import { driverPath } from '../../core/kubelet/plugin-dirs.js'
import { DRIVER } from '../../core/provision/kubernetes.js'
import type { System } from '../../system/system.js'
import { findPluginDir } from './find-plugin-dir.js'

/** The name of this driver in objects of Kubernetes: the one under which it is installed, or the default. */
export function ownDriverName(program: string): string {
  const own = driverPath(program)
  return own ? `${own.vendor}/${own.driver}` : DRIVER
}

/** The path of the driver with this name in the kubelet's plugin directory; undefined if it is not installed. */
export function installedDriver(system: System, program: string, name: string): string | undefined {
  const parts = name.split('/')
  const file = parts.at(-1) ?? ''
  // a driver without a vendor has a directory with its own name
  if (parts.length > 2 || !parts.every(part => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part))) return undefined
  const path = `${findPluginDir(system, program).directory}/${parts.join('~')}/${file}`
  return system.files.kind(system.files.realPath(path) ?? path) === 'file' ? path : undefined
}
