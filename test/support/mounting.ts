import type { MountRequest } from '../../src/core/target/mount-request.js'
import type { MountState } from '../../src/core/target/state.js'
import type { VolumeOptions } from '../../src/core/volume/volume.js'
import { keptKey } from '../../src/ops/target/kept-key.js'
import { targetFiles } from '../../src/ops/target/target-files.js'
import { fakeSystem, mountLine, type Node, type Script } from './fake-system.js'
import { volume } from './volumes.js'

export const TARGET = '/pods/a/data'
export const EMPTY_TARGET = { [TARGET]: 'directory' } as const

type Fake = ReturnType<typeof fakeSystem>

export function request(changes: Partial<VolumeOptions> = {}, makeTarget = false): MountRequest {
  return {
    target: TARGET,
    makeTarget,
    volume: volume(changes),
  }
}

/** A node with an empty target where everything works, except as `script` says. */
export function nodeWith(script: Script = () => ({}), more: Node = {}): Fake {
  const fake: Fake = fakeSystem({ tree: EMPTY_TARGET, run: working(() => fake, script), ...more })
  return fake
}

/** The programs of a node on which everything works; `changes` take precedence. `node` returns the node they run on. */
export function working(node: () => Fake, changes: Script = () => ({})): Script {
  return (program, argv, options) => {
    const special = changes(program, argv, options)
    if (Object.keys(special).length > 0) return special
    if (program === 'ceph-fuse') node().table.push(mountLine(TARGET, 'fuse.ceph-fuse'))
    if (program === 'mount') node().table.push(mountLine(TARGET, 'ceph', 200))
    if (program === 'umount') node().table.pop()
    return program === 'stat' ? { stdout: 'directory\n' } : {}
  }
}

/** What a node in memory has of a target: its state, and whether it has its key. */
export function recordOf(
  { system, tree }: Fake,
  target: string = TARGET,
): { state: MountState | undefined; hasKey: boolean } {
  const paths = targetFiles(system, target, 1)
  const thing = tree.get(paths.state)
  const state =
    typeof thing === 'object' && 'text' in thing ? (JSON.parse(thing.text) as MountState) : undefined
  return { state, hasKey: keptKey(system, paths) !== undefined }
}
