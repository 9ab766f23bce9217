import { kernelMonitors } from '../ceph/monitors.js'
import type { ErrorCode } from '../error-codes.js'
import { CephflexError } from '../errors.js'
import { Secret } from '../secret.js'
import { printable } from '../text/printable.js'
import type { VolumeOptions } from '../volume/volume.js'
import type { Ending, MountContext, Mounter, Symptom } from './mounter.js'
import { optionValue } from './option-value.js'
import { findSymptom } from './symptoms.js'

/**
 * What the kernel logs, and what mount.ceph or mount(8) print. The first match counts;
 * `test/core/mounters/kernel.test.ts` has a captured line for every row.
 */
export const KERNEL_SYMPTOMS: readonly Symptom[] = [
  // mauth: with protocol v1; msgr: with v2
  [/(?:mauth|msgr) authentication failed: -13|no secret set/, 'EREFUSED'],
  [/mount error 13 =|: permission denied\.|failed: Permission denied/, 'EDENIED'],
  // mount(8) without its helper mistakes a refusal for a write-protected disk
  [/cannot mount .* read-only|is write-protected but/, 'EDENIED'],
  [/mount error 20 =|failed: Not a directory|: mount point is not a directory/, 'ENOTDIR'],
  [/mount error 2 =|failed: No such file or directory|special device .* does not exist/, 'ENOPATH'],
  [
    /unknown filesystem type|filesystem not supported by the system|failed to load ceph kernel module/,
    'ENOKERNEL',
  ],
  [/Unknown parameter|mount error 22 =|out of range|Bad value for/, 'EOPTION'],
  // a monitor that does not answer gives another message
  [/mount error 110 =|failed: Connection timed out/, 'ENOMDS'],
  [/Failed to parse monitor IPs|server name not found|failed to resolve source/, 'ENOHOST'],
  [/unable to determine mon addresses/, 'ENOHOST'],
  [/secretfile|secret is not valid base64|error reading secret file/, 'EBADKEY'],
  // util-linux 2.41 attaches the root itself, and the kernel refuses a file with EINVAL. It is not the options: they
  // were accepted, and the cluster answered
  [/session established.*wrong fs type, bad option, bad superblock/s, 'ENOTDIR'],
]

/** What mount.ceph or mount(8) print for several causes; {@link kernel} finds out which. */
export const NO_MDS = /no mds|mds server is up|cluster is laggy|No route to host/i

/**
 * mount(8) with its helper mount.ceph(8), which reads the key from a file.
 *
 * Without the helper, the key must be a mount option, and every user of the node can see the arguments of a process. So
 * mount(8) then reads the whole line, including the key, from an fstab file made for this mount.
 */
export const kernel: Mounter = {
  program: 'mount',
  processes: ['mount', 'mount.ceph'],
  fsType: 'ceph',
  daemon: undefined,
  logsToKernel: true,
  waitShare: 1 / 3,
  unusable: 'ENOKERNEL',
  // the module is loaded on demand
  needs: undefined,
  problems: monitorProblems,
  needsRelease: () => false,
  // with a mode, its ports are tried
  needsProtocols: ({ msMode }) => msMode === undefined,
  mountOptions: options => options.kernel,
  snapshotDirectory: options => optionValue('snapdirname=', options.kernel),
  credential: (context, key) => {
    if (context.hasHelper) return new Secret(key.reveal())
    const options = [...mountOptions(context), `secret=${key.reveal()}`].join(',')
    const fields = [source(context), context.target, 'ceph', options].map(fstabField)
    return new Secret(`${fields.join(' ')} 0 0\n`)
  },
  argv: context => {
    const { target, credentialFile } = context
    if (!context.hasHelper) return ['-i', '-T', credentialFile, target]
    const options = [...mountOptions(context), `secretfile=${credentialFile}`].join(',')
    return ['-t', 'ceph', source(context), target, '-o', options]
  },
  symptoms: [...KERNEL_SYMPTOMS, [NO_MDS, 'ENOMDS']],
  diagnose: ending => {
    const text = `${ending.kernelLog}\n${ending.stderr}`
    return (
      findSymptom(KERNEL_SYMPTOMS, text) ?? (NO_MDS.test(ending.stderr) ? diagnoseSilence(ending) : 'EMOUNT')
    )
  },
  denial: () => undefined,
  proof: undefined,
  leftover: ({ source }, path) => source.endsWith(`:${path}`),
  // the kernel would drop its data if it were forced
  whenStuck: 'lazy',
  evictedRoot: 'Permission denied',
}

function mountOptions(context: MountContext): string[] {
  const { volume, monitors, giveUpS } = context
  const { user, fsName, readOnly, options, msMode } = volume
  const mode = kernelMonitors(monitors, msMode).msMode
  checkUser(user)
  return [
    readOnly ? 'ro' : 'rw',
    // ceph-fuse sets these two by default, the kernel client does not
    ...['nosuid', 'nodev'],
    `name=${user}`,
    `mount_timeout=${giveUpS}`,
    ...(fsName === undefined ? [] : [`mds_namespace=${fsName}`]),
    ...(mode === undefined ? [] : [`ms_mode=${mode}`]),
    ...options.kernel,
  ]
}

/** mount(8) would take the rest of such a name for another option. */
function checkUser(user: string): void {
  if (!/[,"\\]/.test(user)) return
  throw new CephflexError(
    'EOPTION',
    `the kernel client cannot use ${printable(`client.${user}`)}: its name contains a comma, a quote or a backslash`,
    { hint: 'set the volume option mounter to "fuse", or use another Ceph user' },
  )
}

function source({ volume, monitors }: MountContext): string {
  return `${kernelMonitors(monitors, volume.msMode).source}:${volume.path}`
}

/** A mode needs a monitor with a port for it. */
function monitorProblems({ monitors, msMode }: Pick<VolumeOptions, 'monitors' | 'msMode'>): string[] {
  if (msMode === undefined || monitors.length === 0) return []
  try {
    kernelMonitors(monitors, msMode)
    return []
  } catch (error) {
    if (error instanceof CephflexError) return [error.message]
    throw error
  }
}

function fstabField(text: string) {
  return text.replace(/[ \t\n\\#]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** Five causes give the same text: the kernel log, the time it took and the request distinguish some of them. */
function diagnoseSilence({ gaveUp, fsName, kernelLog }: Ending): ErrorCode {
  // a slow node takes as long as a monitor that does not answer
  if (gaveUp && !/: mon\d+ .* session established/.test(kernelLog)) return 'ENOANSWER'
  return fsName === undefined ? 'ENOMDS' : 'ENOFS'
}
