import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import fs from 'fs-extra'

/** For scripts that are asked to end, to remove what they began; then the whole group is killed. */
const GRACE_MS = 5_000

/** What child.ts is given. */
export type Job = {
  /** The checkout. */
  root: string
  /** Packages besides the binaries. */
  packagers: readonly string[]
  /** Ends it. */
  signal: AbortSignal
  /** Hears each line that it prints. */
  say: (line: string) => void
}

/**
 * Makes `dist/pkg` in a process group of its own: most of the work is done by programs that are waited for, and nothing
 * else hears a signal meanwhile. `dist/pkg` is replaced when all is made; interrupted or failed, it stays as it was, and
 * no temporary file is left.
 *
 * @throws Error if it failed, after it has said why on stderr, or was interrupted.
 */
export async function packageApart({ root, packagers, signal, say }: Job): Promise<void> {
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
    lines.on('line', say)
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
      // all of them have ended
    }
  }
  kill('SIGTERM')
  setTimeout(() => kill('SIGKILL'), GRACE_MS).unref()
}
