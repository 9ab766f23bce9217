import type { CommandIo } from './command-io.js'

const REDRAW_MS = 500

/** Says how far long work is. */
export type Progress = {
  /** A step is done, or something is worth a line. */
  done: (text: string) => void
  /** Nothing more is said; what was only for now is wiped off. To be called whatever happens. */
  end: () => void
}

/** Does work with progress, which ends with it. */
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
 * Shows on a terminal that work goes on: a last line with its time, rewritten, above it a line for each step that is
 * done. Elsewhere the lines only, without control characters; without `print` nothing at all.
 *
 * @param what is done, for the last line.
 * @param print for the lines; left out, they are for a person at a terminal only.
 */
export function startProgress(io: CommandIo, what: string, print?: (line: string) => void): Progress {
  const begin = performance.now()
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(2).padStart(7)} s  `
  const draw = () => io.live?.(`${seconds()}${what} ...`)
  const timer = io.live && setInterval(draw, REDRAW_MS)
  timer?.unref()
  draw()
  const say = print ?? (io.tty ? io.err : undefined)
  return {
    done: text => {
      io.live?.('')
      say?.(`${seconds()}${text}`)
      draw()
    },
    end: () => {
      clearInterval(timer)
      io.live?.('')
    },
  }
}
