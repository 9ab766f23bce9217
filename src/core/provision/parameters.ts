import * as z from 'zod/mini'
import type { Monitor } from '../ceph/monitors.js'
import { CephflexError } from '../errors.js'
import { isBlank } from '../text/blank.js'
import { didYouMean } from '../text/nearest.js'
import { absolutePath } from '../text/path-schema.js'
import { printable } from '../text/printable.js'
import { OPTIONS } from '../volume/option-fields.js'
import type { Backend } from './names.js'
import type { OnDelete } from './volume.js'

type Parameter = { default?: string; means: string; schema: z.ZodMiniType<unknown, string> }

const name = OPTIONS.cluster.schema

const claimRoot = absolutePath.check(
  z.refine(path => path !== '/', 'must not be "/"'),
  z.refine(path => /^[A-Za-z0-9_./-]+$/.test(path), 'must consist of letters, digits, "_", "-", "." and "/"'),
)

const flag = z.pipe(
  z.enum(['true', 'false'], 'must be "true" or "false"'),
  z.transform((text: 'true' | 'false') => text === 'true'),
)

/**
 * Every parameter of a StorageClass, and of a `provision` call, including those of external-storage's CephFS
 * provisioner. Each message of `schema` ends the sentence "<parameter> …".
 */
export const PARAMETERS = {
  monitors: {
    means: 'monitor addresses, as in the volume option of the same name',
    schema: OPTIONS.monitors.schema,
  },
  cluster: {
    means: 'cluster in the node configuration, instead of monitors (ignored if monitors is set)',
    schema: name,
  },
  adminId: { default: 'admin', means: 'Ceph user that creates volumes', schema: OPTIONS.user.schema },
  adminSecretName: { means: 'Secret with the key of adminId, for the controller', schema: name },
  adminSecretNamespace: { default: 'default', means: 'namespace of that Secret', schema: name },
  secretFile: {
    means: 'file on the node with the key, instead of a Secret; must be below secretDirectories',
    schema: absolutePath,
  },
  claimRoot: {
    default: '/volumes/kubernetes',
    means: 'directory that contains all volumes',
    schema: claimRoot,
  },
  deterministicNames: {
    default: 'false',
    means: '`true`: name directory and user after namespace and claim',
    schema: flag,
  },
  userPer: {
    default: 'volume',
    means:
      '`volume`: each volume has a Ceph user of its own; `namespace`: all volumes of a Kubernetes namespace share one, so that the monitors have fewer to check',
    schema: z.enum(['volume', 'namespace'], 'must be "volume" or "namespace"'),
  },
  fsName: { means: 'file system, if the cluster has several', schema: name },
  pool: {
    means:
      'data pool (default: that of the layout of claimRoot or above, or else the first of the file system)',
    schema: name,
  },
  backend: {
    default: 'auto',
    means: '`subvolume` (needs a manager), `directory` (any release), or `auto`',
    schema: z.enum(['auto', 'subvolume', 'directory'], 'must be "auto", "subvolume" or "directory"'),
  },
  mode: {
    default: '0777',
    means: 'mode of the top directory; only pods with the volume can reach it at all',
    schema: z.pipe(
      z.string().check(z.regex(/^0?[0-7]{3}$/, 'must be an octal mode such as 0777')),
      z.transform((text: string) => Number.parseInt(text, 8)),
    ),
  },
  onDelete: {
    default: 'delete',
    means:
      '`delete` the data with the volume, keep it under another name (`archive`), or keep it in place (`retain`)',
    schema: z.enum(['delete', 'archive', 'retain'], 'must be "delete", "archive" or "retain"'),
  },
  mounter: {
    means: 'passed on to the volume option of the same name',
    schema: OPTIONS.mounter.schema,
  },
  mountOptions: {
    means: 'passed on to the volume option of the same name',
    schema: OPTIONS.mountOptions.schema,
  },
} as const satisfies Record<string, Parameter>

export type Parameters = {
  monitors?: Monitor[]
  cluster?: string
  adminId: string
  adminSecretName?: string
  adminSecretNamespace: string
  secretFile?: string
  claimRoot: string
  deterministicNames: boolean
  userPer: 'volume' | 'namespace'
  fsName?: string
  pool?: string
  backend: Backend | 'auto'
  mode: number
  onDelete: OnDelete
  mounter?: string
  mountOptions?: string
}

const NAMES = Object.keys(PARAMETERS)

/**
 * Checks the parameters of a StorageClass, or the same in a call.
 *
 * @throws CephflexError EBADVOLUME with all problems in one message.
 */
export function parseParameters(entries: Readonly<Record<string, unknown>>): Parameters {
  const problems: string[] = []
  const texts = given(entries, problems)
  const values: Record<string, unknown> = {}
  for (const [key, { schema, ...parameter }] of Object.entries<Parameter>(PARAMETERS)) {
    const text = texts.get(key) ?? parameter.default
    if (text === undefined) continue
    const parsed = schema.safeParse(text)
    if (parsed.success) values[key] = parsed.data
    else problems.push(...parsed.error.issues.map(({ message }) => `${key} ${message}`))
  }
  const parameters = values as Parameters
  problems.push(...sharedProblems(parameters))
  if (problems.length > 0) throw new CephflexError('EBADVOLUME', problems.join('; '))
  return { ...parameters, ...(parameters.userPer === 'namespace' && { backend: 'directory' }) }
}

/** What cannot be combined with `userPer: namespace`. */
function sharedProblems({ userPer, backend, deterministicNames, onDelete }: Partial<Parameters>): string[] {
  if (userPer !== 'namespace') return []
  const conflicts = {
    'the backend "subvolume"': backend === 'subvolume',
    deterministicNames,
    'onDelete "retain"': onDelete === 'retain',
  }
  return Object.entries(conflicts)
    .filter(([, isGiven]) => isGiven)
    .map(([what]) => `${what} is not supported with userPer "namespace"`)
}

function given(entries: Readonly<Record<string, unknown>>, problems: string[]): Map<string, string> {
  const texts = new Map<string, string>()
  const filled = Object.entries(entries).filter(
    ([key, value]) => nameOf(key) === undefined || !isBlank(value),
  )
  for (const [key, value] of filled) {
    const known = nameOf(key)
    if (known === undefined)
      problems.push(`${printable(key)} is not a known parameter${didYouMean(key, NAMES)}`)
    else if (texts.has(known)) problems.push(`${known} is given twice`)
    else if (typeof value !== 'string') problems.push(`${known} must be a string`)
    else texts.set(known, value)
  }
  return texts
}

/** The name without regard to case, like external-storage's provisioner. */
function nameOf(key: string): string | undefined {
  return NAMES.find(known => known.toLowerCase() === key.toLowerCase())
}
