import { settingDocs } from '../text/setting-docs.js'
import { PARAMETERS } from './parameters.js'

/** One row for each parameter of a StorageClass, for its page. */
export const PARAMETER_DOCS = settingDocs(PARAMETERS)
