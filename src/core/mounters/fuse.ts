import { fuseMonitors } from '../ceph/monitors.js'
import { CephflexError } from '../errors.js'
import { Secret } from '../secret.js'
import { denialOf } from './denial.js'
import { fuseProblems } from './fuse-check.js'
import { dependsOnRelease, firstRefused, takes } from './fuse-releases.js'
import type { MountContext, Mounter, Parts, Symptom } from './mounter.js'
import { optionValue } from './option-value.js'
import { findSymptom } from './symptoms.js'

/**
 * What ceph-fuse prints when it fails. The first match counts; `test/core/mounters/fuse.test.ts` has a captured line
 * for every row.
 */
export const FUSE_SYMPTOMS: readonly Symptom[] = [
  [/mount failed with \(108\)|I was bl(?:ock|ack)listed/, 'EBLOCKED'],
  [/mdsmap subscription failed: \(2\)/, 'ENOFS'],
  [/mount failed with \(2\)/, 'ENOPATH'],
  [/mount failed with \(20\)/, 'ENOTDIR'],
  // how servers of 14.2 report a wrong key
  [/authentication failed: \(1\)/, 'EREFUSED'],
  [/rejected us \(non-allowable root|mount failed with \(1\)/, 'EDENIED'],
  // three alternatives, because two processes write at once and may break each other's lines
  [/(?:mount failed with|authentication failed:|mdsmap subscription failed:) \(13\)/, 'EREFUSED'],
  [/no MDS server is up/, 'ENOMDS'],
  [/Malformed input|already_fuse_mounted: statx/, 'EVERSION'],
  // only a ceph.conf that the node configuration names is read
  [/error reading config file/, 'EBADCONFIG'],
  [/unable to find a keyring|auth: failed to load|no keyring found/, 'EBADKEY'],
  [/unable to get monitor info|server name not found/, 'ENOHOST'],
  // with v2, the monitor that refuses a key tells it
  [/handle_auth_bad_method/, 'EREFUSED'],
  [/mount failed with \(110\)|failed to fetch mon config/, 'ENOANSWER'],
  [/fuse: unknown option|parse error setting/, 'EOPTION'],
  [/fuse: device not found|failed to open \/dev\/fuse|fuse: failed to exec fusermount/, 'ENOFUSE'],
  [/mountpoint is not empty/, 'ENOTEMPTY'],
  [/failed to access mountpoint .*: Transport endpoint is not connected/, 'EDEAD'],
  [/bad mount point .*: No such file or directory/, 'ENOTARGET'],
]

/** Monitors of 20.2 sometimes drop a refused client. It retries after this, by default only after 3 s. */
const PROOF_FLAGS = ['--no-mon-config', '--mon_client_hunt_interval=0.5']

/** The paths are those where the kubelet's own CephFS plugin looked, too. */
export const FUSE_PARTS: Parts = {
  helper: 'mount.fuse.ceph',
  helperPaths: ['/sbin/mount.fuse.ceph', '/usr/sbin/mount.fuse.ceph'],
  device: '/dev/fuse',
}

/**
 * ceph-fuse(8). Always pass the user: without `--id` it uses `client.admin`, finds no key for it in the keyring and
 * fails with (22).
 */
export const fuse: Mounter = {
  program: 'ceph-fuse',
  processes: ['ceph-fuse'],
  fsType: 'fuse.ceph-fuse',
  daemon: {
    name: 'ceph-fuse',
    pidsIn: output =>
      [...output.matchAll(/ceph-fuse\[(\d+)\]: starting fuse/g)].map(match => Number(match[1])),
  },
  logsToKernel: false,
  waitShare: 1,
  unusable: 'ENOFUSE',
  needs: { parts: FUSE_PARTS, problems: fuseProblems },
  problems: () => [],
  needsRelease: ({ fsName, options }) =>
    fsName !== undefined || dependsOnRelease([...options.fuseFlags, ...options.fuse]),
  // it tries both ports of a host
  needsProtocols: () => false,
  mountOptions: ({ fuse }) => fuse,
  snapshotDirectory: ({ fuseFlags }) => optionValue('--client_snapdir=', fuseFlags),
  credential: ({ volume }, key) => fuseKeyring(volume.user, key),
  argv: context => {
    checkOptions(context)
    const { target, volume, monitors, credentialFile, giveUpS, adminSocket, logFile, session } = context
    const { user, path, readOnly, options } = volume
    const mountOptions = [...(readOnly ? ['ro'] : []), ...options.fuse].join(',')
    return [
      ...['--id', user],
      ...['-k', credentialFile],
      ...['-m', fuseMonitors(monitors)],
      // ignored as an -o option; the default is 300 s
      `--client_mount_timeout=${giveUpS}`,
      // otherwise ceph-fuse runs "mount -o remount TARGET" in a shell after it has returned,
      // and an unmount at that moment finds the mount busy
      '--client_try_dentry_invalidate=true',
      `--admin-socket=${adminSocket}`,
      `--log-file=${logFile}`,
      ...(session === undefined ? [] : [`--client_metadata=uuid=${session}`]),
      ...fileSystem(context),
      ...options.fuseFlags,
      ...(mountOptions ? ['-o', mountOptions] : []),
      target,
      ...['-r', path],
    ]
  },
  symptoms: FUSE_SYMPTOMS,
  diagnose: ({ stderr, status }) => {
    const code = findSymptom(FUSE_SYMPTOMS, stderr) ?? 'EMOUNT'
    return code === 'ENOANSWER' && status?.isHeld ? 'EHELD' : code
  },
  denial: denialOf,
  // it prints the same for a wrong key and for a dead monitor. Without the monitors' configuration it names the cause,
  // but that is no way to mount
  proof: { of: 'ENOANSWER', flags: PROOF_FLAGS },
  // the mount of a process that was killed
  leftover: 'dead',
  // it still flushes its data
  whenStuck: 'force',
  evictedRoot: undefined,
}

/** The text of a keyring with one key. */
export function fuseKeyring(user: string, key: Secret): Secret {
  return new Secret(`[client.${escaped(user)}]\n\tkey = ${key.reveal()}\n`)
}

/** Ceph reads a keyring like a configuration file, in which these end a name or begin a comment. */
function escaped(user: string): string {
  return user.replace(/[\\\][#;]/g, '\\$&')
}

function checkOptions({ volume, release }: MountContext): void {
  const { fuse: options, fuseFlags } = volume.options
  const name = firstRefused(release, [...fuseFlags, ...options])
  if (name === undefined) return
  throw new CephflexError('EOPTION', `ceph-fuse ${release} on this node does not support ${name}`)
}

function fileSystem({ volume, release }: MountContext): string[] {
  const name = volume.fsName
  if (name === undefined) return []
  const isNew = release !== undefined && takes(release, 'client_fs')
  return [isNew ? `--client_fs=${name}` : `--client_mds_namespace=${name}`]
}
