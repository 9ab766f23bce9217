import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import fs from 'fs-extra'

/** How long scripts may take to clean up after SIGTERM, before the process group is killed. */
const GRACE_MS = 5_000

/** The job of child.ts. */
export type Job = {
  /** The checkout. */
  root: string
  /** Packages to make in addition to the binaries. */
  packagers: readonly string[]
  /** Stops the job. */
  signal: AbortSignal
  /** Called with each line that child.ts prints. */
  report: (line: string) => void
}

/**
 * Makes `dist/pkg` in its own process group, so that a signal also stops the programs that do most of the work.
 * `dist/pkg` is replaced when everything is complete. After a failure or an interruption it is unchanged, and no
 * temporary file is left.
 *
 * @throws Error if it failed, with the reason on stderr, or was interrupted.
 */
export async function packageInChild({ root, packagers, signal, report }: Job): Promise<void> {
  const work = fs.mkdtempSync(join(tmpdir(), 'cephflex-package-'))
  const output = fs.mkdtempSync(join(root, 'dist/.pkg-'))
  try {
    const args = [join(import.meta.dirname, 'child.js'), root, output, ...packagers]
    const child = execa(process.execPath, args, {
      env: { TMPDIR: work },
      stdio: ['ignore', 'pipe', 'inherit'],
      buffer: false,
      detached: true,
      reject: false,
    })
    const end = () => endGroup(child.pid)
    signal.addEventListener('abort', end, { once: true })
    const lines = createInterface({ input: child.stdout })
    lines.on('line', report)
    const { exitCode } = await child
    signal.removeEventListener('abort', end)
    if (signal.aborted) throw new Error('interrupted; dist/pkg is as it was')
    if (exitCode !== 0) throw new Error('failed; dist/pkg is as it was')
    fs.moveSync(output, join(root, 'dist/pkg'), { overwrite: true })
  } finally {
    for (const folder of [work, output]) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal)
    } catch {
      // all of them have exited
    }
  }
  kill('SIGTERM')
  setTimeout(() => kill('SIGKILL'), GRACE_MS).unref()
}
