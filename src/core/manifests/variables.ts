import * as z from 'zod/mini'
import { absolutePath } from '../text/path-schema.js'
import { VERSION } from '../version.js'
import { OPTIONS } from '../volume/option-fields.js'

/** Lines with a variable that has no value are left out. Each message of `schema` ends the sentence "NAME …". */
type Variable = {
  default?: string
  /** Other defaults, by the name of the manifest. */
  defaultIn?: Readonly<Record<string, string>>
  means: string
  schema: z.ZodMiniType<unknown, string>
}

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const objectName = z
  .string()
  .check(
    z.regex(
      NAME,
      'must consist of at most 63 lower-case letters, digits and "-", and start and end with a letter or digit',
    ),
  )

const DRIVER = /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}\/[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,499}$/
const image = z
  .string()
  .check(z.regex(IMAGE, 'must be an image name, such as "registry.example/cephflex:1.0"'))

/** Every `--set` key of `cephflex manifests`. A new one needs only a row here. */
export const VARIABLES = {
  namespace: {
    default: 'default',
    defaultIn: { daemonset: 'cephflex', controller: 'cephflex', storageclass: 'cephflex' },
    means: "namespace of the objects, and of the Secret with the admin's key",
    schema: objectName,
  },
  name: {
    default: 'cephfs',
    defaultIn: { daemonset: 'cephflex', controller: 'cephflex-controller' },
    means: 'name of the objects',
    schema: objectName,
  },
  secret: { default: 'cephfs-key', means: "name of the Secret with the user's key", schema: objectName },
  driver: {
    default: 'cephflex/cephfs',
    means: 'vendor and name of the installed driver',
    schema: z
      .string()
      .check(z.regex(DRIVER, 'must be VENDOR/DRIVER, made up of letters, digits, "." and "-"')),
  },
  provisioner: {
    default: 'cephflex/cephfs',
    means: 'provisioner name in the StorageClass',
    schema: z.string().check(z.regex(DRIVER, 'must be VENDOR/NAME, made up of letters, digits, "." and "-"')),
  },
  adminSecret: {
    default: 'ceph-admin',
    means: "name of the Secret with the admin's key",
    schema: objectName,
  },
  monitors: {
    default: '10.0.0.1,10.0.0.2,10.0.0.3',
    means: 'monitor addresses, separated by commas',
    schema: OPTIONS.monitors.schema,
  },
  user: { default: 'web', means: 'Ceph user, without "client."', schema: OPTIONS.user.schema },
  path: { default: '/volumes/web', means: 'directory in the file system', schema: absolutePath },
  fsName: {
    means: "file system, if not the cluster's default",
    schema: OPTIONS.fsName.schema,
  },
  size: {
    default: '10Gi',
    means: 'size of volume and claim; enforced only for volumes created through a StorageClass',
    schema: z.string().check(z.regex(/^[1-9]\d{0,11}([KMGTPE]i|[kMGTPE])?$/, 'must be a size, such as 10Gi')),
  },
  podImage: { default: 'busybox:1.37', means: 'image of the pod that uses the volume', schema: image },
  image: {
    default: `cephflex:${VERSION}`,
    means: 'image with the driver and install.sh',
    schema: image,
  },
  clientImage: {
    default: 'quay.io/ceph/ceph:v18',
    means: "image with Ceph's Python modules, used to run the controller",
    schema: image,
  },
  recover: {
    default: 'false',
    means:
      'true: remount volumes whose client died, within seconds. Keys from Secrets must be kept for it: "recovery": true in the node configuration. Not needed with secretFile',
    schema: z.string().check(z.regex(/^(true|false)$/, 'must be true or false')),
  },
  metricsFile: {
    default: '/run/cephflex.prom',
    means: 'with recover: file on the node that gets the metrics every minute, for a textfile collector',
    schema: absolutePath,
  },
  pluginDir: {
    means: 'plugin directory of the kubelet, if install.sh cannot find it',
    schema: absolutePath,
  },
} as const satisfies Record<string, Variable>

export type VariableName = keyof typeof VARIABLES

export const VARIABLE_NAMES = Object.keys(VARIABLES) as VariableName[]

/** The default of a variable in a manifest; undefined: the lines that use it are left out. */
export function defaultOf(name: VariableName, manifest: string): string | undefined {
  const variable: Variable = VARIABLES[name]
  return variable.defaultIn?.[manifest] ?? variable.default
}
