import type { CommandIo } from './command-io.js'

const REDRAW_MS = 500

/** Reports the progress of long work. */
export type Progress = {
  /** Prints a line, for example for a completed step. */
  done: (text: string) => void
  /** Stops, and clears the last line. Must be called, also after an error. */
  end: () => void
}

/** Runs `work` and reports its progress until it ends. */
export async function withProgress<T>(
  io: CommandIo,
  what: string,
  work: (progress: Progress) => Promise<T>,
  print?: (line: string) => void,
): Promise<T> {
  const progress = startProgress(io, what, print)
  try {
    return await work(progress)
  } finally {
    progress.end()
  }
}

/**
 * Reports progress. On a terminal, the last line shows the elapsed time and is rewritten; above it is a line for each
 * completed step. Without a terminal there are only these lines, without control characters, and only with `print`.
 *
 * @param what the work, for the last line.
 * @param print prints the lines. Without it they are printed on a terminal only.
 */
export function startProgress(io: CommandIo, what: string, print?: (line: string) => void): Progress {
  const begin = performance.now()
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(2).padStart(7)} s  `
  const draw = () => io.live?.(`${seconds()}${what} ...`)
  const timer = io.live && setInterval(draw, REDRAW_MS)
  timer?.unref()
  draw()
  const printLine = print ?? (io.tty ? io.err : undefined)
  return {
    done: text => {
      io.live?.('')
      printLine?.(`${seconds()}${text}`)
      draw()
    },
    end: () => {
      clearInterval(timer)
      io.live?.('')
    },
  }
}
