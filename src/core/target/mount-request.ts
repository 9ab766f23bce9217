import type { NodeConfig } from '../config/node-config.js'
import { CephflexError } from '../errors.js'
import { parseVolumeOptions } from '../volume/options.js'
import type { VolumeOptions } from '../volume/volume.js'
import { parseTarget } from './target.js'

/** A checked `mount` call. */
export type MountRequest = {
  /** Absolute directory, normalised, safe characters only. */
  target: string
  /** True for the 1.5 form `mount DIR DEVICE JSON`, where the kubelet has not created DIR. */
  makeTarget: boolean
  volume: VolumeOptions
}

/**
 * Checks the arguments of `mount DIR JSON`, or of Kubernetes 1.5's `mount DIR DEVICE JSON`, in which the device is
 * ignored and DIR may be missing.
 *
 * @throws CephflexError EBADREQUEST for another number of arguments; the errors of {@link parseTarget} and
 *   {@link parseVolumeOptions}.
 */
export function parseMountRequest(args: readonly string[], config: NodeConfig): MountRequest {
  const [directory, ...rest] = args
  const json = rest.at(-1)
  if (directory === undefined || json === undefined || rest.length > 2) {
    const count = args.length
    throw new CephflexError(
      'EBADREQUEST',
      `mount takes 2 arguments, DIR and JSON (or DIR DEVICE JSON), not ${count}`,
    )
  }
  const target = parseTarget(directory)
  return { target, makeTarget: rest.length === 2, volume: parseVolumeOptions(json, config) }
}
