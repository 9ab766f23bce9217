import type { NodeConfig } from '../config/node-config.js'
import type { OptionValues } from './option-fields.js'

/** The options of a `mount` call while they are checked. */
export type VolumeInput = {
  strings: Readonly<Record<string, string>>
  /** Known keys with a value that is not a string; already reported as problems. */
  rejected: readonly string[]
  values: OptionValues
  config: NodeConfig
}
