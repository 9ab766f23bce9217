import { CephflexError } from '../errors.js'
import { parseTarget } from './target.js'

/**
 * The target of `unmount DIR`. A file of its own, so that an unmount, which has no options, does not load zod.
 *
 * @throws CephflexError EBADREQUEST for another number of arguments; the errors of {@link parseTarget}.
 */
export function parseUnmountRequest(args: readonly string[]): string {
  const [directory] = args
  if (directory === undefined || args.length !== 1) {
    throw new CephflexError('EBADREQUEST', `unmount takes 1 argument, DIR, not ${args.length}`)
  }
  return parseTarget(directory)
}
