/** Known options that are never allowed: name, and the reason as the end of a sentence. */
export const REFUSED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ...refuse('suid dev', 'a volume must not provide programs or devices with root privileges'),
  ...refuse('fsname subtype', 'the driver finds its mounts by their type'),
  ...refuse('secret secretfile key keyfile keyring', 'the key comes from the Secret or secretFile'),
  ...refuse('name id user', 'use the volume option user'),
  ...refuse('mount_timeout client_mount_timeout', 'use timeoutSeconds'),
  ...refuse('ms_mode', 'use msMode'),
  ...refuse('mds_namespace fs client_fs client_mds_namespace', 'use fsName'),
  ...refuse('mon_addr mon_host', 'use monitors'),
  ...refuse('client_mountpoint', 'use path'),
  ...refuse(
    'conf log_file admin_socket pid_file run_dir plugin_dir erasure_code_dir client_trace',
    'the driver decides which files are used',
  ),
  ...refuse('setuser setgroup fuse_allow_other ip', 'the driver decides this'),
  ...refuse('client_try_dentry_invalidate', 'the driver sets this option'),
])

function refuse(names: string, reason: string): [string, string][] {
  return names.split(' ').map(name => [name, reason])
}
