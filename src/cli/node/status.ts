import { Command } from 'commander'
import type { MountStatus } from '../../core/node/status.js'
import { alignedLines } from '../../core/text/table.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'
import { type Colour, fit, paint } from '../terminal/paint.js'
import { pause } from '../terminal/pause.js'

const COLOURS: Readonly<Record<MountStatus['health'], Colour>> = {
  healthy: 'green',
  dead: 'red',
  hung: 'red',
  evicted: 'red',
  broken: 'red',
  hidden: 'red',
  gone: 'yellow',
  unknown: 'yellow',
}
const WATCH_MS = 2_000
const CLEAR = '\u001B[H\u001B[2J'

type Flags = { json?: boolean; watch?: boolean }

/** `cephflex status`: the mounts of this node. */
export function status(io: CommandIo): Command {
  return new Command('status')
    .description('list the volumes mounted on this node and their health')
    .option('--json', 'print JSON')
    .option('--watch', 'refresh every two seconds until Ctrl-C')
    .action(async (flags: Flags) => {
      const [{ nodeStatus }, { nodeSystemToRead }] = await Promise.all([
        import('../../ops/node/status.js'),
        import('../node-system.js'),
      ])
      await interruptible(async signal => {
        const system = await nodeSystemToRead(io, 'status', signal)
        await print(io, await nodeStatus(system), flags)
        while (flags.watch && !signal.aborted) {
          await pause(WATCH_MS, signal)
          if (!signal.aborted) await print(io, await nodeStatus(system), flags)
        }
      })
    })
}

async function print(io: CommandIo, mounts: readonly MountStatus[], { json, watch }: Flags): Promise<void> {
  if (watch && io.columns !== undefined) io.out(CLEAR)
  if (json) io.out(JSON.stringify(mounts, undefined, watch ? undefined : 2))
  else await show(io, mounts)
}

async function show(io: CommandIo, mounts: readonly MountStatus[]): Promise<void> {
  const { STATUS_HEAD, statusCells, statusNotes } = await import('../../core/node/status.js')
  if (mounts.length === 0) return io.out('no volume is mounted')
  const [head = '', ...lines] = alignedLines([STATUS_HEAD, ...mounts.map(statusCells)])
  io.out(paint(io, 'bold', fit(io, head)))
  lines.forEach((line, i) => {
    const mount = mounts[i] as MountStatus
    io.out(paint(io, COLOURS[mount.health], fit(io, line)))
    for (const note of statusNotes(mount)) io.out(fit(io, `  ${note}`))
  })
}
