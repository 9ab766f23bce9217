import { type ClusterSpec, fileSystemsOf } from './spec.js'

/** A command for the monitors or the manager, as `ceph` itself sends it. */
export type CephCommand = { prefix: string } & Record<string, unknown>

export type FileSystemStatus = { name: string; active: boolean }

type FsDump = {
  filesystems?: { mdsmap?: { fs_name?: string; info?: Record<string, { state?: string }> } }[]
}

/** Registers the OSD. Its key is in the first keyring. */
export function newOsd(osdUuid: string): CephCommand {
  return { prefix: 'osd new', uuid: osdUuid, id: 0 }
}

/** The commands that create the file systems of a cluster with one OSD, in this order. */
export function fileSystemCommands(spec: Pick<ClusterSpec, 'secondFs'>): CephCommand[] {
  return [
    {
      prefix: 'osd crush create-or-move',
      id: 0,
      // a fraction, because the monitor refuses an integer, which a whole number in JSON is
      weight: 0.5,
      args: ['root=default', 'host=localhost'],
    },
    ...fileSystemsOf(spec).flatMap((fsName, index): CephCommand[] => {
      const [metadata, data] = index === 0 ? ['meta', 'data'] : ['meta2', 'data2']
      const several: CephCommand[] =
        index === 0
          ? []
          : [{ prefix: 'fs flag set', flag_name: 'enable_multiple', val: 'true', yes_i_really_mean_it: true }]
      return [...several, pool(metadata), pool(data), { prefix: 'fs new', fs_name: fsName, metadata, data }]
    }),
  ]
}

/** Reads the output of `fs dump`: every file system, and whether it has an active MDS. */
export function fileSystemsIn(dump: unknown): FileSystemStatus[] {
  const { filesystems = [] } = (dump ?? {}) as FsDump
  return filesystems.map(({ mdsmap = {} }) => ({
    name: mdsmap.fs_name ?? '',
    active: Object.values(mdsmap.info ?? {}).some(({ state }) => state === 'up:active'),
  }))
}

function pool(name: string): CephCommand {
  return { prefix: 'osd pool create', pool: name, pg_num: 1 }
}
