import type { ChildProcess, StdioOptions } from 'node:child_process'
import type { Readable } from 'node:stream'
import { files } from './files.js'

/** How much of the end of an output is kept: a program prints last why it failed. */
const KEPT_BYTES = 64 * 1024

/** After this many turns of the event loop without output, none is left: one turn may have begun before the last output. */
const QUIET_TURNS = 2

export type Output = { stdout: string; stderr: string }

/** Where the output of a child goes. */
export type Capture = {
  stdio: StdioOptions
  /** Called once, right after the start. @returns what reads the output when the child has ended. */
  attach: (child: ChildProcess) => () => Promise<Output>
  close: () => void
}

/** In pipes: needs no disk. A process that is left behind loses its output, and is killed if it writes more. */
export function capturePipes(): Capture {
  return {
    stdio: ['ignore', 'pipe', 'pipe'],
    attach: child => {
      const [stdout, stderr] = [tailOf(child.stdout), tailOf(child.stderr)]
      return async () => {
        for (let quiet = 0, seen = -1; quiet < QUIET_TURNS; ) {
          const now = stdout.bytes() + stderr.bytes()
          quiet = now === seen ? quiet + 1 : 0
          seen = now
          await new Promise(resolve => setImmediate(resolve))
        }
        return { stdout: stdout.end(), stderr: stderr.end() }
      }
    },
    close: () => {},
  }
}

/**
 * In nameless files: a daemon that keeps them open can neither block this process nor be killed by a closed pipe.
 *
 * @throws CephflexError ENORUNDIR if the directory is full. So does the function that reads, if output was lost.
 */
export function captureFiles(directory: string): Capture {
  const stdout = files.openScratch(directory)
  const stderr = files.openScratch(directory)
  return {
    stdio: ['ignore', stdout, stderr],
    attach: () => async () => {
      const output = { stdout: files.readFd(stdout, KEPT_BYTES), stderr: files.readFd(stderr, KEPT_BYTES) }
      // a full disk would refuse the next byte of the child as well
      files.checkSpace(directory, stderr)
      return output
    },
    close: () => {
      files.close(stdout)
      files.close(stderr)
    },
  }
}

/** Keeps the end of a stream. It is missing if the child did not start. */
function tailOf(stream: Readable | null | undefined) {
  let kept = Buffer.alloc(0)
  let bytes = 0
  stream?.on('error', () => {})
  stream?.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    kept = Buffer.concat([kept, chunk]).subarray(-KEPT_BYTES)
  })
  return {
    bytes: () => bytes,
    end: () => {
      stream?.destroy()
      return kept.toString()
    },
  }
}
