import { CephflexError } from '../errors.js'
import { printable } from '../text/printable.js'
import type { Backend } from './names.js'
import type { ClusterInfo } from './volume.js'

type FileSystem = { id?: number; mdsmap?: { fs_name?: string; in?: number[] } }
/** Output of `fs dump`. */
export type FsDump = { default_fscid?: number; filesystems?: FileSystem[] }
/** Output of `fs ls`. */
export type FsLs = { name?: string; data_pools?: string[] }[]
/** Output of `versions`: daemon kind to version text to count. */
export type Versions = Record<string, Record<string, number>>

/** The first release with `fsname=` in caps. */
const FIRST_WITH_FSNAME = 16

/**
 * What provisioning needs to know about a cluster, from answers of the monitors.
 *
 * @throws CephflexError ENOFS without such a file system; EBADVOLUME if the backend does not fit claimRoot; EPROVISION
 *   if it needs a manager and none is active.
 */
export function readClusterFacts(
  wanted: { fsName?: string | undefined; backend: Backend | 'auto'; claimRoot: string },
  answers: { dump: FsDump; ls: FsLs; versions: Versions; hasManager: boolean },
): ClusterInfo {
  const fs = chooseFileSystem(wanted.fsName, answers.dump)
  const fsName = nameOf(fs) ?? ''
  return {
    fsName,
    dataPools: answers.ls.find(({ name }) => name === fsName)?.data_pools ?? [],
    ranks: fs.mdsmap?.in ?? [],
    backend: chooseBackend(wanted.backend, answers.hasManager, wanted.claimRoot),
    claimRoot: wanted.claimRoot,
    knowsFsName: knowFsName(answers.versions),
  }
}

/** The major release of the oldest daemon that checks caps; undefined if none reports one. */
export function oldestMajor(versions: Versions): number | undefined {
  const majors = ['mon', 'mds', 'osd'].flatMap(kind => Object.keys(versions[kind] ?? {}).map(majorOf))
  return majors.length > 0 ? Math.min(...majors) : undefined
}

/** Whether every monitor and MDS supports `fsname=` in caps: an older MDS would ignore all caps of the user. */
export function knowFsName(versions: Versions): boolean {
  const texts = ['mon', 'mds'].flatMap(kind => Object.keys(versions[kind] ?? {}))
  return texts.length > 0 && texts.every(text => majorOf(text) >= FIRST_WITH_FSNAME)
}

/**
 * The file system to use: the requested one, else the only one, else the default.
 *
 * @throws CephflexError ENOFS.
 */
function chooseFileSystem(
  wanted: string | undefined,
  { default_fscid: byDefault, filesystems = [] }: FsDump,
): FileSystem {
  const chosen =
    wanted === undefined
      ? filesystems.length === 1
        ? filesystems[0]
        : filesystems.find(({ id }) => id === byDefault)
      : filesystems.find(fs => nameOf(fs) === wanted)
  if (nameOf(chosen) !== undefined) return chosen as FileSystem
  const names = filesystems.map(fs => nameOf(fs)).join(', ') || 'none'
  throw new CephflexError(
    'ENOFS',
    wanted === undefined
      ? `no file system was specified, and there is no default (available: ${names})`
      : `there is no file system ${printable(wanted)} (available: ${names})`,
  )
}

function nameOf(fs: FileSystem | undefined) {
  return fs?.mdsmap?.fs_name
}

function chooseBackend(wanted: Backend | 'auto', hasManager: boolean, claimRoot: string): Backend {
  if (wanted === 'auto') return hasManager && isSubvolumeGroup(claimRoot) ? 'subvolume' : 'directory'
  if (wanted === 'directory') return wanted
  if (!isSubvolumeGroup(claimRoot))
    throw new CephflexError(
      'EBADVOLUME',
      `the backend subvolume needs a claimRoot of the form /volumes/GROUP, not ${printable(claimRoot)}`,
    )
  if (!hasManager)
    throw new CephflexError('EPROVISION', 'the backend subvolume needs a manager, but none is active', {
      hint: 'start a ceph-mgr, or set the backend to "directory"',
    })
  return wanted
}

/** Subvolumes are always in `/volumes/GROUP`. */
function isSubvolumeGroup(claimRoot: string): boolean {
  return /^\/volumes\/[A-Za-z0-9.-][A-Za-z0-9._-]*$/.test(claimRoot)
}

function majorOf(version: string): number {
  return Number(/ceph version (\d+)\./.exec(version)?.[1] ?? 0)
}
