import { bindOptions, missingOptions } from '../../core/sharing/bind-options.js'
import { mountedOn } from '../../core/target/mount-table.js'
import type { System } from '../../system/system.js'
import type { MountCall } from '../mount/call.js'
import { bindMount } from '../target/bind-mount.js'
import { makeStage } from '../target/stage.js'

/**
 * Bind-mounts the client on `path` on a target, with the options of the target.
 *
 * Containers of a running pod receive a new mount as it is at first, without options that are set on it afterwards. So
 * options that the mount of the client has not are set on a private stage, and the target gets a copy of that.
 *
 * @throws CephflexError ENOMOUNT, ENORUNDIR
 */
export async function bindTarget(
  system: System,
  { target, volume, deadline }: MountCall,
  path: string,
): Promise<void> {
  const options = bindOptions(volume)
  const failure = `the volume could not be bind-mounted on ${target}`
  const bind = (mount: string, on: string) =>
    bindMount(system, { mount, within: '' }, on, deadline, failure, options)
  const client = mountedOn(system.mountInfo(), path).at(-1)
  if (client === undefined || missingOptions(client, options).length === 0) return bind(path, target)
  const stage = makeStage(system, target, deadline, 'options')
  try {
    await bind(path, stage.target)
    await bind(stage.target, target)
  } finally {
    await stage.clear()
  }
}
