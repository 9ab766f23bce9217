import { z } from 'zod'
import { normalPath, pathProblem } from './paths.js'

/** An absolute path, normalised. */
export const absolutePath = z.string('must be an absolute path').transform((text, context) => {
  const problem = pathProblem(text)
  if (problem === undefined) return normalPath(text)
  context.addIssue({ code: 'custom', message: problem })
  return z.NEVER
})
