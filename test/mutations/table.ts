/** A change that breaks a promise, and quick tests of which one must then fail. */
export type Mutation = {
  /** The sentence of the page that it breaks, in short. */
  promise: string
  /** A file below src, without its ending. */
  file: string
  /** A text that is in the compiled file once, and what it becomes. */
  from: string
  to: string
  /** Files below test, without their ending. */
  tests: readonly string[]
}

const row = (promise: string, file: string, from: string, to: string, ...tests: string[]): Mutation => ({
  promise,
  file,
  from,
  to,
  tests,
})

const FILES = 'system/files'
const OPTIONS = 'core/volume/options'
const MOUNT_OPTIONS = 'core/mount-options/mount-options'
const RESOLVE = 'ops/target/resolve-target'
const SAFE = 'system/safe-path'
const PROOF = 'core/provision/proof'
const OLD_VOLUME = 'core/provision/old-volume'
const RUN = 'system/run'
const LIFE = 'ops/namespaces/client-life'
const STATUS = 'core/node/status'
const CLIENT = 'system/kubernetes/client'

/** For each page, in the order of its sentences. */
export const MUTATIONS: Readonly<Record<string, readonly Mutation[]>> = {
  'threat-model': [
    row('no other option', 'core/volume/volume-strings', 'if (!isForeign)', 'if (false)', OPTIONS),
    row('options by form', MOUNT_OPTIONS, 'value.pattern.test(given)', 'true', MOUNT_OPTIONS),
    row('no unknown mount option', MOUNT_OPTIONS, 'if (row === undefined)', 'if (false)', MOUNT_OPTIONS),
    row('no option that starts with -', MOUNT_OPTIONS, "name.startsWith('-')", 'false', MOUNT_OPTIONS),
    row('no suid, no dev', 'core/mount-options/refused-options', "'suid dev'", "''", MOUNT_OPTIONS),
    row(
      'ceph-fuse starts no shell',
      'core/mounters/fuse',
      '--client_try_dentry_invalidate=true',
      '--client_try_dentry_invalidate=false',
      'core/mounters/every-mounter',
      'core/mounters/fuse',
    ),
    row(
      'mounted nosuid,nodev',
      'core/mounters/kernel',
      "'nosuid', 'nodev'",
      "'nosuid'",
      'core/mounters/kernel',
    ),
    row(
      'mounted nosuid,nodev, shared',
      'core/sharing/bind-options',
      "'nodev',\n        ...",
      '...',
      'core/sharing/bind-options',
    ),
    row(
      'a path has no ..',
      'core/text/paths',
      "text.split('/').includes('..')",
      'false',
      OPTIONS,
      'core/text/paths',
    ),
    row(
      'mounts only into KUBELET/pods/UID',
      RESOLVE,
      "if (system.caller === 'kubelet')",
      'if (false)',
      RESOLVE,
    ),
    row('only below kubeletRoots', RESOLVE, 'if (isKnown)', 'if (true)', RESOLVE),
    row('follows no link below pods', SAFE, 'O_DIRECTORY | fs.constants.O_NOFOLLOW', 'O_DIRECTORY', SAFE),
    row('each belongs to root', SAFE, 'if (uid !== process.getuid?.())', 'if (false)', SAFE),
    row('each is writable by root only', SAFE, '0o022', '0', SAFE),
    row(
      'secretFile only below secretDirectories',
      'ops/volume/read-key',
      '!isAllowed',
      'false',
      'ops/volume/read-key',
    ),
    row(
      'nor through a link',
      'ops/volume/read-key',
      'const real = files.realPath(path)',
      'const real = path',
      'ops/volume/read-key',
    ),
    row(
      'a key prints as <masked>',
      'core/secret',
      "toJSON() {\n        return '<masked>'",
      'toJSON() {\n        return this.#value',
      'system/log',
    ),
    row(
      'no key in what a program printed',
      'core/mounters/stderr-tail',
      'if (key === undefined)',
      'if (true)',
      'core/mounters/stderr-tail',
    ),
    row('no key in another option', OPTIONS, 'if (isMisplaced)', 'if (false)', OPTIONS),
    row('a file with a key has mode 0600', FILES, "'wx', 0o600", "'wx', 0o644", FILES),
    row(
      'and is no planted link',
      FILES,
      "fs.openSync(path, 'wx', 0o600)",
      "fs.openSync(path, 'w', 0o600)",
      FILES,
    ),
    row(
      'it is removed after the mount',
      'ops/target/keyring',
      'files.remove(path)',
      'void path',
      'ops/target/keyring',
    ),
    row(
      'it is only in memory',
      'ops/target/keyring',
      'if (files.isInMemory(run))',
      'if (true)',
      'ops/target/keyring',
    ),
    row(
      'a kept key is removed if the mount fails',
      'ops/mount/mount',
      'forget(system, locked.files, undefined)',
      'undefined',
      'ops/mount/announce',
    ),
    row('no memory in core dumps', FILES, "'/proc/self/coredump_filter', '0'", "'/dev/null', '0'", FILES),
    row('the log is no planted link', 'system/regular-file', ' | O_NOFOLLOW', '', 'system/log'),
    row(
      'clients are shared with the same key only',
      'core/sharing/shared-volume',
      ', key.reveal()',
      '',
      'core/sharing/shared-volume',
    ),
    row(
      'of the same user',
      'core/sharing/shared-volume',
      'path, user, fsName ?? null',
      'path, fsName ?? null',
      'core/sharing/shared-volume',
    ),
    row(
      'readOnly is set for each pod',
      'core/sharing/bind-options',
      "readOnly ? 'ro' : 'rw'",
      "'rw'",
      'core/sharing/bind-options',
    ),
    row(
      'and the mount table shows it',
      'core/sharing/bind-options',
      '!options.includes(option)',
      'false',
      'core/sharing/bind-options',
    ),
    row('a child gets no environment', RUN, 'const env = { PATH', 'const env = { ...process.env, PATH', RUN),
    row('nor the working directory', RUN, "cwd: '/'", "cwd: '.'", RUN),
    row(
      'only CephFS is unmounted',
      'ops/target/detach',
      'if (!isCephFS(top))',
      'if (false)',
      'ops/target/detach',
    ),
    row(
      'every program has a deadline',
      RUN,
      'result.timedOut = true;\n            kill()',
      'result.timedOut = true',
      RUN,
    ),
    row('with all that it started', RUN, 'process.kill(-group', 'process.kill(group', RUN),
    row(
      'name lookups have a deadline',
      'ops/volume/resolve-monitors',
      "['ahosts', name], { timeoutMs }",
      "['ahosts', name], { timeoutMs: 600_000 }",
      'ops/volume/resolve-monitors',
    ),
    row(
      'caps name exactly the directory',
      OLD_VOLUME,
      "granted.replace(/^\\/*/, '/') !== path",
      'false',
      PROOF,
    ),
    row('and its data', OLD_VOLUME, 'grantedNamespace === namespace', 'true', PROOF),
    row(
      'and nothing else',
      OLD_VOLUME,
      'if (other !== undefined)',
      'if (false)',
      'core/provision/old-volume',
    ),
    row(
      'a user is deleted by its caps only',
      'core/provision/caps/owns-user',
      '!isAtOrBelow(path, directory)',
      'false',
      PROOF,
    ),
    row(
      'a mark with other types is none',
      'core/provision/marker',
      'return isValid ?',
      'return true ?',
      'core/provision/marker',
    ),
    row(
      'a volume is deleted with its uid',
      'ops/controller/remove',
      'client.remove(path, uid,',
      'client.remove(path, undefined,',
      'ops/controller/remove',
    ),
    row('and not a newer one', CLIENT, '...(uid && { preconditions: { uid } })', '', CLIENT),
    row(
      'the API server is verified',
      'system/kubernetes/credentials',
      'access.insecure !== true',
      'false',
      'system/kubernetes/credentials',
    ),
  ],
  reliability: [
    row(
      'a failed volume waits',
      'core/recover/attempts',
      'FIRST_MS * 2 ** failures',
      '0',
      'core/recover/attempts',
    ),
    row(
      'at most 60 seconds',
      'core/recover/attempts',
      'Math.min(LONGEST_MS, ',
      'Math.max(0, ',
      'core/recover/attempts',
    ),
    row(
      'the work is done once',
      'core/recover/attempts',
      '!attempt.isRunning &&',
      '',
      'core/recover/attempts',
    ),
    row(
      'each target has a lock',
      'system/lock/lock',
      'while (!claim.enter())',
      'while (claim.enter() === 0)',
      'system/lock/lock',
    ),
    row(
      'a mount call notes how it mounts first',
      'ops/mount/record-mount',
      'if (!call.isFirst)',
      'if (call.isFirst)',
      'ops/mount/announce',
    ),
    row(
      'a mount that is found counts as a success',
      'ops/recover/settle',
      'await finishMount(system, locked, state.recipe, deadline)',
      'undefined',
      'ops/recover/settle',
    ),
    row(
      'what was never mounted is forgotten',
      'ops/recover/settle',
      'await unmountLocked(system, target, locked, deadline)',
      'undefined',
      'ops/recover/settle',
    ),
    row(
      'a recovery that is killed is noticed',
      'ops/mount/record-mount',
      'isOnStage ? { unfinished: true } : {}',
      'isOnStage ? {} : {}',
      'ops/recover/settle',
    ),
    row('what is not proven dead is left alone', LIFE, "return 'unknown'", "return 'ended'", LIFE),
    row('a client is known by its start time', LIFE, 'info.startTime === startTime', 'true', LIFE),
    row(
      'a reused pid is not a client',
      'system/processes',
      'info.startTime === startTime',
      'true',
      'system/processes',
    ),
    row('status names what frees a deleted pod', STATUS, 'mount.podEnded', 'false', STATUS),
    row('status names the containers to restart', STATUS, 'restartNeeded.length > 0', 'false', STATUS),
    row('without a key the pod must be deleted', STATUS, 'recoverable === false', 'false', STATUS),
  ],
}
