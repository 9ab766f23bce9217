import { objectSteps } from '../../core/mount-test/object-steps.js'
import {
  cleanSteps,
  sourceStep,
  stepsAfter,
  stepsBefore,
  type TestPlan,
  type TestStep,
} from '../../core/mount-test/steps.js'
import { type Client, clientsFor, mounters } from '../../core/mounters/index.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'
import { targetFiles } from '../target/target-files.js'
import type { MountTestOptions } from './options.js'

/** The steps of a test and the exact command of each. Runs nothing and resolves no names. */
export function describeMountTest(
  system: System,
  volume: VolumeOptions,
  { sizeMib, keep, findings }: MountTestOptions,
): { name: string; command: string }[] {
  const target = `${system.config.runDirectory}/private/mount-test.${process.pid}`
  const plan = planOf(system, volume, sizeMib, target)
  const mount = clientsFor(volume.mounter).map((name, i) => ({
    name: i === 0 ? `mount with ${name}` : `if that is not possible: ${name}`,
    command: mountCommand(system, volume, target, name),
  }))
  const named = (steps: readonly TestStep[]) =>
    steps.map(step => ({ name: step.name, command: commandOf(step) }))
  const unmount = { name: 'unmount', command: `umount -c -- ${target}` }
  const end = keep ? [] : [...named(cleanSteps(plan)), unmount]
  const objects = objectSteps(findings).map(({ name, ok, note }) => ({
    name: ok ? name : `FAIL ${name}`,
    command: note,
  }))
  return [
    ...objects,
    ...named([sourceStep(plan)]),
    ...mount,
    ...named(stepsBefore(plan)),
    { name: 'df and quota', command: `stat -f -- ${target}` },
    unmount,
    ...mount.slice(0, 1),
    ...named(stepsAfter(plan)),
    ...end,
  ]
}

/** The files and directories of a test whose volume is mounted on `target`. */
export function planOf(system: System, volume: VolumeOptions, sizeMib: number, target: string): TestPlan {
  return {
    target,
    source: `${system.config.runDirectory}/private/source.${process.pid}`,
    directory: `${target}/.cephflex-test-${process.pid}`,
    sizeMib,
    readOnly: volume.readOnly,
    canLock: system.find('flock') !== undefined,
  }
}

/** The command that mounts with this client, without the key. */
function mountCommand(system: System, volume: VolumeOptions, target: string, name: Client): string {
  const mounter = mounters[name]
  const { adminSocket, logFile } = targetFiles(system, target, process.pid)
  const argv = mounter.argv({
    target,
    volume,
    monitors: volume.monitors,
    credentialFile: '<key file>',
    giveUpS: volume.timeoutS,
    adminSocket,
    logFile,
    hasHelper: system.find('mount.ceph') !== undefined,
  })
  // as the driver runs it; in a shell, Ceph would read /etc/ceph/ceph.conf
  return [`CEPH_CONF=${system.config.cephConf}`, mounter.program, ...argv].join(' ')
}

function commandOf({ program, argv }: TestStep) {
  return [program, ...argv].join(' ')
}
