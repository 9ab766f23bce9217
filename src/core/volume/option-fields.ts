import * as z from 'zod/mini'
import { parseMonitors } from '../ceph/monitors.js'
import { CLIENT_SHARING, TIMEOUT_SECONDS } from '../config/node-config.js'
import { CLIENTS } from '../mounters/index.js'
import { CEPH_USER, PLAIN_NAME } from '../text/names.js'
import { oneOf } from '../text/one-of.js'
import { absolutePath } from '../text/path-schema.js'

/**
 * `default`: parsed if the option is not set. `defaultText`: the default in words, where it is not one fixed value.
 * Each message of `schema` ends the sentence "<option> …".
 */
type OptionField = {
  default?: string
  defaultText?: string
  means: string
  schema: z.ZodMiniType<unknown, string>
}

const choices = ['auto', ...CLIENTS] as const

const { min, max } = TIMEOUT_SECONDS
const timeoutProblem = `must be a whole number of seconds from ${min} to ${max}, in quotes`

const plainName = z
  .string()
  .check(z.regex(PLAIN_NAME, 'must consist of letters, digits, ".", "_" and "-", and not start with "-"'))

/** As in a volume of Kubernetes' own CephFS plugin, the first "/" may be missing. */
const volumePath = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text: string) => (text.startsWith('/') ? text : `/${text}`)),
  ),
  absolutePath,
)

const monitors = z.pipe(
  z.string(),
  z.transform((text: string, { issues }) => {
    const parsed = parseMonitors(text)
    for (const message of parsed.problems) issues.push({ code: 'custom', message, input: text })
    return parsed.monitors
  }),
)

const user = z
  .pipe(
    z.string(),
    z.transform((text: string) => text.replace(/^client\./, '')),
  )
  .check(
    z.refine(
      text => CEPH_USER.test(text),
      'must consist of at most 128 printable ASCII characters, without a blank at either end or a "-" at the start',
    ),
  )

const timeout = z
  .pipe(z.string().check(z.regex(/^\d{1,4}$/, timeoutProblem)), z.transform(Number))
  .check(z.refine(seconds => seconds >= min && seconds <= max, timeoutProblem))

/**
 * Every option of a volume: its grammar, its default and its text. The page of options and the manual read this table.
 */
export const OPTIONS = {
  monitors: {
    defaultText: 'required unless cluster is given',
    means: 'monitor addresses, separated by commas: `HOST`, `HOST:PORT` or `v2:HOST:PORT`',
    schema: monitors,
  },
  cluster: {
    means: 'name of a cluster in the node configuration, instead of monitors',
    schema: plainName,
  },
  path: {
    default: '/',
    means: 'directory in the file system to mount, or a snapshot of one: `/dir/.snap/NAME`',
    schema: volumePath,
  },
  user: { default: 'admin', means: 'Ceph user, with or without `client.`', schema: user },
  id: { means: 'alias of `user`', schema: user },
  fsName: {
    defaultText: "the cluster's default file system",
    means: 'file system, if the cluster has several',
    schema: plainName,
  },
  mounter: {
    default: 'auto',
    means: '`fuse`, `kernel`, or `auto`: ceph-fuse, or the kernel client where ceph-fuse cannot run',
    schema: z.enum(choices, `must be ${oneOf(choices.map(name => `"${name}"`))}`),
  },
  clientSharing: {
    defaultText: '`node`, or the value in the node configuration',
    means:
      '`node`: all pods of a node that mount this volume share one ceph-fuse, its memory and its cache; `pod`: each pod has its own, so that the crash of one reaches no other pod',
    schema: z.enum(CLIENT_SHARING, 'must be "node" or "pod"'),
  },
  mountOptions: {
    default: '',
    means: 'mount options for both clients, separated by commas, such as `noatime,noexec`',
    schema: z.string(),
  },
  fuseOptions: {
    default: '',
    means: 'options for ceph-fuse, such as `client_oc_size=104857600`',
    schema: z.string(),
  },
  kernelOptions: {
    default: '',
    means: 'options for the kernel client, such as `rasize=1048576`',
    schema: z.string(),
  },
  msMode: {
    defaultText: '`legacy`, or `prefer-crc` if every monitor is v2',
    means:
      'how the kernel client talks to the cluster: `legacy`, `crc`, `secure`, `prefer-crc`, `prefer-secure`',
    schema: z.enum(
      ['legacy', 'crc', 'secure', 'prefer-crc', 'prefer-secure'],
      'must be "legacy", "crc", "secure", "prefer-crc" or "prefer-secure"',
    ),
  },
  secretFile: {
    means:
      "file on the node with the key, instead of a Secret; must be below one of the node's secretDirectories",
    schema: absolutePath,
  },
  timeoutSeconds: {
    defaultText: '`60`, or the value in the node configuration',
    means: `time limit for the whole call in seconds, ${min} to ${max}`,
    schema: timeout,
  },
  fsGroupPolicy: {
    default: 'none',
    means: "`root`: apply the pod's fsGroup to the top directory; `none`: leave it unchanged",
    schema: z.enum(['none', 'root'], 'must be "none" or "root"'),
  },
} as const satisfies Record<string, OptionField>

type Name = keyof typeof OPTIONS
type Output<N extends Name> = z.output<(typeof OPTIONS)[N]['schema']>
type Defaulted = { [N in Name]: (typeof OPTIONS)[N] extends { default: string } ? N : never }[Name]

/** The parsed options of a volume. */
export type OptionValues = { [N in Defaulted]: Output<N> } & { [N in Exclude<Name, Defaulted>]?: Output<N> }

/**
 * Parses each option by itself. Throws nothing: an invalid value gives a problem, and the option keeps its default.
 */
export function readOptionValues(strings: Readonly<Record<string, string>>): {
  values: OptionValues
  problems: string[]
} {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, option] of Object.entries<OptionField>(OPTIONS)) {
    if (option.default !== undefined) values[name] = option.schema.parse(option.default)
    const text = strings[name]
    if (text === undefined) continue
    const parsed = option.schema.safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else problems.push(...parsed.error.issues.map(({ message }) => `${name} ${message}`))
  }
  return { values: values as OptionValues, problems }
}
