import { z } from 'zod'
import { DriverError } from './errors.js'
import { parseMonitors } from './monitors.js'
import { PLAIN_NAME, USER_NAME } from './names.js'
import { didYouMean } from './nearest.js'
import { DEFAULT_NODE_CONFIG, type NodeConfig, TIMEOUT_SECONDS } from './node-config.js'
import { absolutePath } from './path-schema.js'
import { shown } from './shown.js'

const DEFAULT = DEFAULT_NODE_CONFIG
const { min, max } = TIMEOUT_SECONDS
const timeoutProblem = `must be a whole number from ${min} to ${max}`

const strict =
  (known: () => string[]) =>
  (issue: { code?: string | undefined; keys?: unknown }): string =>
    issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
      ? `must not hold ${issue.keys.map(key => `${shown(key)}${didYouMean(key, known())}`).join(', ')}`
      : 'must be an object'

const monitors = z
  .string('must be a string, for example "10.0.0.1,10.0.0.2"')
  .superRefine((text, context) => {
    for (const message of parseMonitors(text).problems) context.addIssue({ code: 'custom', message })
  })

const clusterShape = {
  monitors,
  fsName: z
    .string('must be a string')
    .regex(PLAIN_NAME, 'must be letters, digits, ".", "_" and "-"')
    .exactOptional(),
  adminId: z.string('must be a string').regex(USER_NAME, 'must be the name of a Ceph user').exactOptional(),
  adminKeyring: absolutePath.exactOptional(),
  claimRoot: absolutePath.exactOptional(),
}

// The top directory would allow every file of the node.
const directory = absolutePath.refine(path => path !== '/', 'must not be "/"')
const directories = z.array(directory, 'must be a list of directories')

const shape = {
  clusters: z
    .record(
      z.string().regex(PLAIN_NAME, 'must be named with letters, digits, ".", "_" and "-"'),
      z.strictObject(clusterShape, { error: strict(() => Object.keys(clusterShape)) }),
      { error: issue => (issue.code === 'invalid_type' ? 'must be an object' : undefined) },
    )
    .default(() => ({ ...DEFAULT.clusters })),
  secretDirectories: directories.default(() => [...DEFAULT.secretDirectories]),
  kubeletRoots: directories.default(() => [...DEFAULT.kubeletRoots]),
  runDirectory: directory.default(DEFAULT.runDirectory),
  logDirectory: directory.default(DEFAULT.logDirectory),
  searchPath: directories.default(() => [...DEFAULT.searchPath]),
  timeoutSeconds: z
    .int(timeoutProblem)
    .min(min, timeoutProblem)
    .max(max, timeoutProblem)
    .default(DEFAULT.timeoutSeconds),
}

const schema = z.strictObject(shape, { error: strict(() => Object.keys(shape)) })

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // V8's message is dropped: it quotes the text, and keys get pasted into the wrong file.
    throw new DriverError('EBADCONFIG', 'the configuration file is not JSON')
  }
}

const sentence = (issue: z.core.$ZodIssue): string => {
  const where = issue.path.map(part =>
    typeof part === 'number' ? `[${part + 1}]` : shown(String(part)).slice(1, -1),
  )
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message
  return `${where.join('.').replaceAll('.[', '[') || 'the configuration file'} ${message}`
}

/**
 * Reads the text of the configuration file; without a file (undefined) it is
 * `DEFAULT_NODE_CONFIG`, which a caller can have without loading this module.
 *
 * @throws DriverError EBADCONFIG with every problem in one message.
 */
export const parseNodeConfig = (text: string | undefined): NodeConfig => {
  if (text === undefined) return DEFAULT_NODE_CONFIG
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new DriverError('EBADCONFIG', parsed.error.issues.map(sentence).join('; '))
}
