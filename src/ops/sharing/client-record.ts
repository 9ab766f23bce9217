import { type MountState, parseMountState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { targetFiles } from '../target/target-files.js'

/** The record of the shared client that is mounted on this path; undefined if it has none of this boot. */
export function clientRecord({ config, files, bootId }: System, path: string): MountState | undefined {
  return parseMountState(files.tryRead(targetFiles({ config }, path, 0).state), bootId())
}
