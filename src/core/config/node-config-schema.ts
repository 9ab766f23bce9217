import * as z from 'zod/mini'
import { parseMonitors } from '../ceph/monitors.js'
import { CephflexError } from '../errors.js'
import { CEPH_USER, PLAIN_NAME } from '../text/names.js'
import { didYouMean } from '../text/nearest.js'
import { absolutePath } from '../text/path-schema.js'
import { printable } from '../text/printable.js'
import { CLIENT_SHARING, DEFAULT_NODE_CONFIG, type NodeConfig, TIMEOUT_SECONDS } from './node-config.js'

const DEFAULT = DEFAULT_NODE_CONFIG
const { min, max } = TIMEOUT_SECONDS
const timeoutProblem = `must be a whole number from ${min} to ${max}`

const monitors = z.string('must be a string, for example "10.0.0.1,10.0.0.2"').check(({ value, issues }) => {
  for (const message of parseMonitors(value).problems) issues.push({ code: 'custom', message, input: value })
})

// "/" would allow every file of the node
const directory = absolutePath.check(z.refine(path => path !== '/', 'must not be "/"'))
const directories = z.array(directory, 'must be a list of directories')

const flag = z.boolean('must be true or false')

/**
 * Reads the text of the configuration file. Without a file (undefined), returns {@link DEFAULT_NODE_CONFIG}, which a
 * caller can also import without loading this file.
 *
 * @throws CephflexError EBADCONFIG with every problem in one message, and a hint that names the keys.
 */
export function parseNodeConfig(text: string | undefined): NodeConfig {
  if (text === undefined) return DEFAULT_NODE_CONFIG
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  throw new CephflexError('EBADCONFIG', [...new Set(issues.map(sentence))].join('; '), {
    hint: hintFor(issues),
  })
}

/** What can be used of a text with problems: every valid key, and the defaults for the others. */
export function usablePart(text: string): NodeConfig {
  const given = Object.entries(jsonObject(text))
  const valid = given.filter(([name, value]) => isKey(name) && shape[name].safeParse(value).success)
  return schema.parse(Object.fromEntries(valid))
}

const clusterShape = {
  monitors,
  fsName: z.exactOptional(
    z
      .string('must be a string')
      .check(z.regex(PLAIN_NAME, 'must consist of letters, digits, ".", "_" and "-"')),
  ),
  adminId: z.exactOptional(
    z.string('must be a string').check(z.regex(CEPH_USER, 'must be the name of a Ceph user')),
  ),
  adminKeyring: z.exactOptional(absolutePath),
  claimRoot: z.exactOptional(absolutePath),
}

const shape = {
  clusters: z._default(
    z.record(
      z.string().check(z.regex(PLAIN_NAME, 'must have a name of letters, digits, ".", "_" and "-"')),
      z.strictObject(clusterShape, { error: strict(() => Object.keys(clusterShape)) }),
      { error: issue => (issue.code === 'invalid_type' ? 'must be an object' : undefined) },
    ),
    () => ({ ...DEFAULT.clusters }),
  ),
  secretDirectories: z._default(directories, () => [...DEFAULT.secretDirectories]),
  kubeletRoots: z._default(directories, () => [...DEFAULT.kubeletRoots]),
  recovery: z._default(flag, DEFAULT.recovery),
  guardLocalDisk: z._default(flag, DEFAULT.guardLocalDisk),
  runDirectory: z._default(directory, DEFAULT.runDirectory),
  logDirectory: z._default(directory, DEFAULT.logDirectory),
  searchPath: z._default(directories, () => [...DEFAULT.searchPath]),
  cephConf: z._default(absolutePath, DEFAULT.cephConf),
  clientSharing: z._default(z.enum(CLIENT_SHARING, 'must be "node" or "pod"'), DEFAULT.clientSharing),
  timeoutSeconds: z._default(
    z.int(timeoutProblem).check(z.minimum(min, timeoutProblem), z.maximum(max, timeoutProblem)),
    DEFAULT.timeoutSeconds,
  ),
}

const schema = z.strictObject(shape, { error: strict(() => Object.keys(shape)) })

function strict(known: () => string[]) {
  return (issue: { code?: string | undefined; keys?: unknown }): string =>
    issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
      ? `must not contain ${issue.keys.map(key => `${printable(key)}${didYouMean(key, known())}`).join(', ')}`
      : 'must be an object'
}

function isKey(name: string): name is keyof typeof shape {
  return Object.hasOwn(shape, name)
}

function jsonObject(text: string): object {
  try {
    const value: unknown = JSON.parse(withoutMark(text))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  } catch {
    return {}
  }
}

/** Editors of other systems begin a file with a byte order mark. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(withoutMark(text))
  } catch {
    // V8's message is dropped: it quotes the text, which may be a key pasted into the wrong file
    throw new CephflexError('EBADCONFIG', 'the configuration file is not valid JSON', {
      hint: 'correct the JSON',
    })
  }
}

/** The keys to correct, for example `"recovrey"`; the caller adds the file. */
function hintFor(issues: readonly z.core.$ZodIssue[]): string {
  const names = issues.flatMap(issue => {
    const [top] = issue.path
    if (top !== undefined) return [String(top)]
    return issue.code === 'unrecognized_keys' ? issue.keys : []
  })
  const unique = [...new Set(names)].map(name => printable(name))
  return `correct ${unique.join(', ') || 'the JSON'}`
}

function sentence(issue: z.core.$ZodIssue): string {
  const where = issue.path.map(part =>
    typeof part === 'number' ? `[${part + 1}]` : printable(String(part)).slice(1, -1),
  )
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message
  return `${where.join('.').replaceAll('.[', '[') || 'the configuration file'} ${message}`
}
