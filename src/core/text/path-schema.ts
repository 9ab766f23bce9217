import * as z from 'zod/mini'
import { normalPath, pathProblem } from './paths.js'
import { shownPath } from './printable.js'

/** Schema of an absolute path; its output is normalised. */
export const absolutePath = z.pipe(
  z.string('must be an absolute path'),
  z.transform((text: string, { issues }) => {
    const problem = pathProblem(text)
    if (problem === undefined) return normalPath(text)
    issues.push({ code: 'custom', message: `${problem}: ${shownPath(text)}`, input: text })
    return z.NEVER
  }),
)
