import { type PodVolume, podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'
import { isBlind } from '../namespaces/is-blind.js'
import { isOfPod } from '../namespaces/is-of-pod.js'

/** A process of a pod that runs on this node; undefined if none is found. */
export function runningProcessOf(system: System, uid: string): number | undefined {
  return system.processes.allPids().find(pid => isOfPod(system, pid, uid))
}

/**
 * Whether the pod of a target has run, and no process of it is found. Then the pod is being deleted, most likely. False
 * for what this process could not see.
 */
export function hasNoProcess(system: System, target: string): boolean {
  const volume = podVolumeOf(target)
  if (volume === undefined || isBlind(system) || containersOf(system, volume).length === 0) return false
  return runningProcessOf(system, volume.uid) === undefined
}

/** The kubelet's directories for the containers of a pod that have been started. */
export function containersOf({ files }: System, { pods, uid }: PodVolume): string[] {
  const directory = `${pods}/${uid}/containers`
  return files.list(directory).map(name => `${directory}/${name}`)
}

/**
 * Whether a container of the pod was started after this time. The kubelet adds a file to the directory of a container for
 * each start, where no container can.
 */
export function hasStartedSince(system: System, volume: PodVolume, timeMs: number): boolean {
  return containersOf(system, volume).some(directory => system.files.changedAt(directory) > timeMs)
}
