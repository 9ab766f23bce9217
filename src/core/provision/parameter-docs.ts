import { settingDocs } from '../text/setting-docs.js'
import { PARAMETERS } from './parameters.js'

/** One row for each parameter of a StorageClass, for the page of parameters. */
export const PARAMETER_DOCS = settingDocs(PARAMETERS)
