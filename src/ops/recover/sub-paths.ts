import type { Deadline } from '../../core/deadline.js'
import { toCephflexError } from '../../core/errors.js'
import { mountedOn } from '../../core/target/mount-table.js'
import { type SubPathBind, staleSubPaths } from '../../core/target/sub-path.js'
import type { System } from '../../system/system.js'
import { viewerOf } from '../namespaces/reach.js'
import { isUnknown, probeRoot } from '../target/probe-root.js'

const PROBE_MS = 2_000
const UMOUNT_MS = 5_000

/** A stale bind, and the process in whose mount namespace it is; without one, in that of this process. */
export type StaleBind = SubPathBind & { pid?: number }

/** `detached`: their containers can start again. `left`: why a bind was not proven dead, or could not be detached. */
export type SubPathReport = { detached: StaleBind[]; left: { bind: StaleBind; reason: string }[] }

/** The mount tables that may have binds of the kubelet: that of this process, and that of the kubelet if it is another. */
export type BindTables = { own: string; kubelet?: { pid: number; text: string } }

/** The binds of subPaths of this pod and volume that are of another file system than the target. */
export function findStaleBinds({ own, kubelet }: BindTables, target: string): StaleBind[] {
  const here = staleSubPaths(own, target)
  if (kubelet === undefined) return here
  const known = new Set(here.map(({ path }) => path))
  const there = staleSubPaths(kubelet.text, target, own).filter(({ path }) => !known.has(path))
  return [...here, ...there.map(bind => ({ ...bind, pid: kubelet.pid }))]
}

/**
 * Detaches the kubelet's binds of a dead client, for the subPaths of this pod and volume. The kubelet checks a bind
 * before it starts a container again; on a dead one it fails, for ever.
 *
 * A bind is dead if it is of another file system than the one that is mounted on the target now, and answers as only a
 * mount without client does. All others stay. Call it with the target locked and mounted. Throws nothing.
 *
 * @param tables read after the target was mounted.
 */
export async function detachDeadBinds(
  system: System,
  tables: BindTables,
  target: string,
  deadline: Deadline,
): Promise<SubPathReport> {
  const report: SubPathReport = { detached: [], left: [] }
  for (const bind of findStaleBinds(tables, target)) {
    const reason = await detachIfDead(system, bind, deadline)
    if (reason === undefined) report.detached.push(bind)
    else report.left.push({ bind, reason })
    system.log('subPath', { path: bind.path, device: bind.entry.device, reason })
  }
  return report
}

/** The command with which a person detaches a bind. */
export function detachCommand({ path, pid }: StaleBind): string {
  return pid === undefined ? `umount -l ${path}` : `nsenter --target ${pid} --mount -- umount -l ${path}`
}

/** @returns why it stays. */
async function detachIfDead(
  system: System,
  bind: StaleBind,
  deadline: Deadline,
): Promise<string | undefined> {
  try {
    const reason = await reasonToKeep(system, bind, deadline)
    if (reason !== undefined) return reason
    const { pid, path } = bind
    const argv = ['-c', '-l', '--', path]
    const options = { timeoutMs: deadline.share(0.5, 500, UMOUNT_MS), isCleanup: true }
    const { stderr } =
      pid === undefined
        ? await system.run('umount', argv, options)
        : await system.run(
            'nsenter',
            ['--target', String(viewerOf(system, pid)), '--mount', '--', 'umount', ...argv],
            options,
          )
    return isMounted(system, bind) ? stderr.trim() || 'umount did not finish' : undefined
  } catch (error) {
    return toCephflexError(error).message
  }
}

async function reasonToKeep(
  system: System,
  bind: StaleBind,
  deadline: Deadline,
): Promise<string | undefined> {
  const { pid, path } = bind
  const place = pid === undefined ? path : `/proc/${viewerOf(system, pid)}/root${path}`
  const health = await probeRoot(system, place, deadline.share(0.3, 500, PROBE_MS))
  if (health !== 'dead')
    return isUnknown(health)
      ? health.unknown.message
      : `it answers: ${typeof health === 'object' ? health.problem : health}`
  // the kubelet may have replaced it meanwhile
  return isMounted(system, bind) ? undefined : 'it was replaced'
}

function isMounted(system: System, { pid, path, entry: { id, device } }: StaleBind): boolean {
  const top = mountedOn(system.mountInfo(pid), path).at(-1)
  return top?.id === id && top.device === device
}
