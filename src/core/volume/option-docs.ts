import { settingDocs } from '../text/setting-docs.js'
import { OPTIONS } from './option-fields.js'

/** One row for each option of a volume, for the page of options and the manual. */
export const OPTION_DOCS = settingDocs(OPTIONS)
