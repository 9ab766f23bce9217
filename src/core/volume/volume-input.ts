import type { NodeConfig } from '../config/node-config.js'
import type { OptionValues } from './option-fields.js'

/** What a `mount` call holds, on its way through the checks. */
export type VolumeInput = {
  strings: Readonly<Record<string, string>>
  /** Known keys whose values are no strings; they have been reported already. */
  rejected: readonly string[]
  values: OptionValues
  config: NodeConfig
}
