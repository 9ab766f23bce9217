import { CephflexError } from '../../core/errors.js'
import { files } from '../../system/files.js'
import { readInput } from '../../system/input.js'

/** The text of a file, or of stdin for `-`. @throws CephflexError EBADREQUEST if the file is missing. */
export async function readFileOrInput(path: string): Promise<string> {
  const text = path === '-' ? await readInput() : files.readStream(path)
  if (text !== undefined) return text
  throw new CephflexError('EBADREQUEST', `the file ${path} does not exist`, { hint: 'check the path' })
}
