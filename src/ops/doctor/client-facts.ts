import { release } from 'node:os'
import type { ClientFacts, NodeFacts } from '../../core/doctor/node-facts.js'
import { CONFIG_DIR } from '../../core/install/places.js'
import { readRecord } from '../../core/install/record.js'
import { FUSE_PARTS } from '../../core/mounters/fuse.js'
import { SCOPE_PROBE } from '../../core/mounters/scope.js'
import { CALL_PROGRAMS } from '../../core/programs.js'
import { parseMountInfo } from '../../core/target/mount-table.js'
import { engine } from '../../system/engine.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { findParts } from '../mount/require-client.js'
import { isGuest } from '../namespaces/is-guest.js'

const TRY_MS = 5_000
const FUSECTL = '/sys/fs/fuse/connections'

/** The clients that this node has, and what they need. */
export async function clientFacts(system: System): Promise<ClientFacts> {
  const { files, find, mountInfo } = system
  const { helper, deviceProblem } = findParts(system, 'ceph-fuse', FUSE_PARTS)
  const program = find('ceph-fuse')
  return {
    fuse: program,
    fuseVersion: await versionOf(system, program),
    fuseHelper: helper,
    deviceProblem,
    inContainer: isGuest(system),
    fusectl: parseMountInfo(mountInfo()).some(
      ({ mountPoint, fsType }) => mountPoint === FUSECTL && fsType === 'fusectl',
    ),
    kernelRelease: release(),
    moduleLoaded: /\tceph$/m.test(files.read('/proc/filesystems') ?? ''),
    moduleAvailable: hasModule(system),
    mountCeph: find('mount.ceph'),
  }
}

/** Every program that calls may start, as a call would find it. */
export function programFacts({ find }: System): NodeFacts['programs'] {
  return Object.entries(CALL_PROGRAMS).map(([name, { need, for: uses }]) => ({
    name,
    path: find(name),
    need,
    uses,
  }))
}

/** Whether systemd scopes work, tried now: the result that calls cache per boot may be outdated. */
export async function scopeFact(system: System): Promise<NodeFacts['scope']> {
  const { files, run } = system
  if (files.kind('/run/systemd/system') !== 'directory') return 'none'
  // systemd-run names itself by its pid, which is that of another process on the node
  if (isGuest(system)) return 'untried'
  const result = await optional(run(SCOPE_PROBE.program, SCOPE_PROBE.argv, { timeoutMs: TRY_MS }))
  return result?.exitCode === 0 ? 'works' : 'fails'
}

/** The version of glibc; undefined if there is another libc. */
export async function libcFact({ run }: System): Promise<string | undefined> {
  const { stdout } = await run('getconf', ['GNU_LIBC_VERSION'], { timeoutMs: TRY_MS })
  return /^glibc (\S+)/.exec(stdout)?.[1]
}

/** What runs this program, on what pages, and which engines the installer chose. */
export async function engineFact({ run, files }: System): Promise<NodeFacts['engine']> {
  const { stdout } = await run('getconf', ['PAGESIZE'], { timeoutMs: TRY_MS })
  const installed = files.list(CONFIG_DIR).flatMap(name => {
    const record = readRecord(name, files.read(`${CONFIG_DIR}/${name}`) ?? '')
    return record ? [record] : []
  })
  return { id: engine.id, name: engine.name, pageSize: Number(stdout), installed }
}

async function versionOf({ run }: System, program: `/${string}` | undefined): Promise<string | undefined> {
  if (program === undefined) return undefined
  const result = await optional(run(program, ['--version'], { timeoutMs: TRY_MS }))
  return result?.exitCode === 0 ? (/version (\S+)/.exec(result.stdout)?.[1] ?? 'unknown') : undefined
}

/** depmod(8) writes both lists for every kernel it installs. */
function hasModule({ files }: System): boolean {
  const directory = `/lib/modules/${release()}`
  return ['modules.dep', 'modules.builtin'].some(name =>
    /\/ceph\.ko\b/.test(files.read(`${directory}/${name}`) ?? ''),
  )
}
