import { basename } from 'node:path/posix'
import { confArgv } from './conf.js'
import { monitorAddresses } from './ports.js'
import { type ClusterSpec, confPath, DAEMON_NAMES, type DaemonName } from './spec.js'

/** A program and its arguments, which never contain a key. */
export type Invocation = { name: string; program: string; argv: string[] }

const DAEMONS: Record<DaemonName, { program: string; id: string }> = {
  mon: { program: 'ceph-mon', id: 'a' },
  osd: { program: 'ceph-osd', id: '0' },
  mds: { program: 'ceph-mds', id: 'a' },
  mds2: { program: 'ceph-mds', id: 'b' },
  mgr: { program: 'ceph-mgr', id: 'x' },
}

const SERVERS = new Set(Object.values(DAEMONS).map(({ program }) => program))

/** The daemons of a healthy cluster, in the order they start. */
export function daemonsOf({ mgr, secondFs }: Pick<ClusterSpec, 'mgr' | 'secondFs'>): DaemonName[] {
  return DAEMON_NAMES.filter(name => (name !== 'mgr' || mgr) && (name !== 'mds2' || secondFs))
}

/**
 * Which daemon of the cluster in `dir` a process is, by its arguments; undefined if it is none. A pid in a file would
 * prove nothing: another process may have it now.
 */
export function daemonOf(dir: string, argv: readonly string[]): DaemonName | undefined {
  return DAEMON_NAMES.find(name => {
    const expected = daemonArgv(dir, name)
    return (
      basename(argv[0] ?? '') === expected.program && argv.slice(1).join('\0') === expected.argv.join('\0')
    )
  })
}

/** How to start a daemon: in the foreground, so that it keeps the pid of the started process. */
export function daemonArgv(dir: string, name: DaemonName): Invocation {
  const { program, id } = DAEMONS[name]
  return { name, program, argv: ['-i', id, ...confArgv(dir), '-f'] }
}

/** Whether a process is a daemon of the cluster in `dir`, or creates the store of one. */
export function isServerOf(dir: string, argv: readonly string[]): boolean {
  return SERVERS.has(basename(argv[0] ?? '')) && argv.includes(confPath(dir))
}

/** Creates the object store. It needs no monitor, so it can run in parallel with {@link monStoreTools}. */
export function osdStoreTool(dir: string, osdUuid: string): Invocation {
  return {
    name: 'osd-mkfs',
    program: 'ceph-osd',
    argv: ['-i', '0', ...confArgv(dir), '--no-mon-config', '--mkfs', '--osd-uuid', osdUuid],
  }
}

/** Creates the monitor's store. To run one after the other. */
export function monStoreTools(spec: ClusterSpec): Invocation[] {
  const { dir, fsid } = spec
  const map = `${dir}/monmap`
  const addresses = monitorAddresses(spec).both
  return [
    {
      name: 'monmap',
      program: 'monmaptool',
      argv: ['--create', '--clobber', '--fsid', fsid, '--addv', 'a', addresses, map],
    },
    {
      name: 'mon-mkfs',
      program: 'ceph-mon',
      argv: ['--mkfs', '-i', 'a', ...confArgv(dir), '--monmap', map, '--keyring', `${dir}/keyring.boot`],
    },
  ]
}
