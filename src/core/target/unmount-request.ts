import { CephflexError } from '../errors.js'
import { parseTarget } from './target.js'

/**
 * The target of `unmount DIR`. Loads no zod: an unmount has no options to check.
 *
 * @throws CephflexError EBADREQUEST for another number of arguments, or what {@link parseTarget} refuses.
 */
export function parseUnmountRequest(args: readonly string[]): string {
  const [directory] = args
  if (directory === undefined || args.length !== 1) {
    throw new CephflexError('EBADREQUEST', `unmount takes 1 argument, DIR, not ${args.length}`)
  }
  return parseTarget(directory)
}
