/**
 * The operations of `src/assets/python/cephfs_session.py`: the fields of a
 * request, and the result of its answer. All paths are relative to the root
 * that `connect` opens; '' is that root.
 */
export type CephFsOperations = {
  connect: {
    fields: {
      /** Without `client.`. */
      user: string
      /** Options of Ceph, the key included. */
      settings: Readonly<Record<string, string>>
      /** The file system. */
      name: string
      /** The active MDS daemons of the file system. */
      ranks: readonly number[]
      root: string
      /** Name of a lock with one holder at a time: the clients of former holders are evicted. */
      lease: string | null
      /** Create the root if it is missing. */
      create: boolean
    }
    result: null
  }
  /** What is at each path, with the attributes of these names. */
  look: { fields: { paths: readonly string[]; names: readonly string[] }; result: DirectoryInfo[] }
  /** The directories in a directory, with the attributes of these names. */
  list: { fields: { path: string; names: readonly string[] }; result: ListedDirectory[] }
  /** Removes a directory and everything in it, for at most that many seconds. The result: whether it is gone. */
  purge: { fields: { path: string; seconds: number }; result: boolean }
  /** Searches at and below a path, for at most that many seconds. The result: null if unfinished. */
  survey: { fields: { path: string; mark: string; seconds: number }; result: Survey | null }
} & { [Change in CephFsChange]: { fields: CephFsChanges[Change]; result: null } }

/** The paths of the first snapshots at and below a path, and of the first directories below it with an attribute. */
export type Survey = { snapshots: string[]; marked: string[] }

export type CephFsOperation = keyof CephFsOperations

/** The operations that make one change, with their fields. */
export type CephFsChanges = {
  /** Creates a directory and its parents where they are missing. */
  parents: { path: string }
  mkdir: { path: string; mode: number }
  rmdir: { path: string }
  rename: { old: string; new: string }
  /** Creates a symbolic link. */
  symlink: { path: string; target: string }
  /** Removes a regular file or a symbolic link. */
  unlink: { path: string }
  chmod: { path: string; mode: number }
  /** Sets an extended attribute; `unset` removes it. */
  set: { path: string; name: string; value: string }
  unset: { path: string; name: string }
}

export type CephFsChange = keyof CephFsChanges

/** The session's answer to one request. `code` is a positive errno, or 0, and then there is a result. */
export type CephFsAnswer<Result = unknown> = { code: number; error: string; result?: Result }

/** What is at a path. `attributes` are those asked for; null if not set. */
export type DirectoryInfo =
  | { kind: 'missing' }
  /** `target`: of a symbolic link. */
  | { kind: 'other'; target?: string }
  | { kind: 'directory'; attributes: Record<string, string | null> }

export type ListedDirectory = { name: string; attributes: Record<string, string | null> }
