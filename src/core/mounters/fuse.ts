import { fuseMonitors } from '../ceph/monitors.js'
import { CephflexError } from '../errors.js'
import { Secret } from '../secret.js'
import { firstRefused, takes } from './fuse-releases.js'
import type { MountContext, Mounter } from './mounter.js'
import { findSymptom, type Symptom } from './symptoms.js'

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
  [/mount failed with \(110\)|failed to fetch mon config/, 'ENOANSWER'],
  [/fuse: unknown option|parse error setting/, 'EOPTION'],
  [/fuse: device not found|failed to open \/dev\/fuse|fuse: failed to exec fusermount/, 'ENOFUSE'],
  [/mountpoint is not empty/, 'ENOTEMPTY'],
  [/failed to access mountpoint .*: Transport endpoint is not connected/, 'EDEAD'],
  [/bad mount point .*: No such file or directory/, 'ENOTARGET'],
]

/**
 * ceph-fuse(8). Always pass the user: without `--id` it uses `client.admin`, finds no key for it in the keyring and
 * fails with (22).
 */
export const fuse: Mounter = {
  name: 'fuse',
  program: 'ceph-fuse',
  fsType: 'fuse.ceph-fuse',
  waitShare: 1,
  credential: ({ request }, key) =>
    new Secret(`[client.${escaped(request.volume.user)}]\n\tkey = ${key.reveal()}\n`),
  argv: context => {
    checkOptions(context)
    const { request, monitors, credentialFile, giveUpS, adminSocket, logFile } = context
    const { user, path, readOnly, options } = request.volume
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
      ...fileSystem(context),
      ...options.fuseFlags,
      ...(mountOptions ? ['-o', mountOptions] : []),
      request.target,
      ...['-r', path],
    ]
  },
  diagnose: ({ stderr }) => findSymptom(FUSE_SYMPTOMS, stderr) ?? 'EMOUNT',
}

/** Ceph reads a keyring like a configuration file, in which these end a name or begin a comment. */
function escaped(user: string): string {
  return user.replace(/[\\\][#;]/g, '\\$&')
}

function checkOptions({ request, fuseRelease }: MountContext): void {
  const { fuse: options, fuseFlags } = request.volume.options
  const name = firstRefused(fuseRelease, [...fuseFlags, ...options])
  if (name === undefined) return
  throw new CephflexError('EOPTION', `ceph-fuse ${fuseRelease} on this node does not support ${name}`)
}

function fileSystem({ request, fuseRelease }: MountContext): string[] {
  const name = request.volume.fsName
  if (name === undefined) return []
  const isNew = fuseRelease !== undefined && takes(fuseRelease, 'client_fs')
  return [isNew ? `--client_fs=${name}` : `--client_mds_namespace=${name}`]
}
