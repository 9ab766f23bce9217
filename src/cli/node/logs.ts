import { Command } from 'commander'
import { type LogChoice, type LogLine, logFilter, logText } from '../../core/node/log-lines.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'
import { pause } from '../terminal/pause.js'

type Flags = LogChoice & { follow?: boolean; json?: boolean; lines: string }

const POLL_MS = 500

/** `cephflex logs`: the log of the calls on this node. */
export function logs(io: CommandIo): Command {
  return new Command('logs')
    .description('print the log of driver calls on this node')
    .option('--pod <name>', 'only volumes of the pod with this name or uid')
    .option('--target <dir>', 'only calls on this directory')
    .option('--lines <n>', 'number of lines from the end of the log', '200')
    .option('--follow', 'keep printing new lines until Ctrl-C', false)
    .option('--json', 'print the raw JSON lines', false)
    .action(async ({ pod, target, follow, json, lines }: Flags) => {
      const [{ readLog }, { logNotes }, { nodeSystemToRead }] = await Promise.all([
        import('../../ops/node/read-log.js'),
        import('../../ops/node/log-notes.js'),
        import('../node-system.js'),
      ])
      const choose = logFilter({ pod, target })
      const print = (chosen: readonly LogLine[]) => {
        for (const line of chosen) io.out(json ? JSON.stringify(line) : logText(line))
      }
      await interruptible(async signal => {
        const system = await nodeSystemToRead(io, 'logs', signal)
        const known = readLog(system)
        print(choose(known).slice(-Number(lines) || undefined))
        for (const note of await logNotes(system, { pod, target })) io.err(`note: ${note}`)
        if (follow)
          await followLog(
            () => readLog(system),
            known,
            lines => print(choose(lines)),
            signal,
          )
      })
    })
}

async function followLog(
  read: () => LogLine[],
  known: readonly LogLine[],
  print: (lines: readonly LogLine[]) => void,
  signal: AbortSignal,
): Promise<void> {
  let seen = known
  while (!signal.aborted) {
    await pause(POLL_MS, signal)
    const now = read()
    print(newLines(seen, now))
    seen = now
  }
}

/** The lines after the last known one; the log may have been rotated meanwhile. */
function newLines(known: readonly LogLine[], now: readonly LogLine[]): readonly LogLine[] {
  const last = JSON.stringify(known.at(-1))
  return now.slice(now.findLastIndex(line => JSON.stringify(line) === last) + 1)
}
