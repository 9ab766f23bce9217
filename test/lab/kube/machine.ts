import { createInterface } from 'node:readline'
import { execa } from 'execa'

const STOP_MS = 180_000

/**
 * Reserves the machine for one test cluster in `dir`; waits while another one runs. When this process ends, in whatever
 * way, the cluster is stopped and all its changes to the machine are undone.
 *
 * @returns a function that does this now. @throws Error if something could not be cleaned up.
 */
export async function holdMachine(scripts: string, dir: string): Promise<() => Promise<void>> {
  const keeper = execa('bash', [`${scripts}/keep.sh`, dir], {
    stdin: 'pipe',
    stderr: 'inherit',
    reject: false,
    // it outlives Ctrl-C and a killed test process, to clean up after it
    detached: true,
    cleanup: false,
  })
  const ready = new Promise<boolean>(done => {
    createInterface({ input: keeper.stdout }).on('line', line => done(line === 'ready'))
    keeper.once('exit', () => done(false))
  })
  if (!(await ready)) throw new Error('this machine cannot be reserved for a test cluster: see above')
  return async () => {
    keeper.stdin.end()
    const timer = setTimeout(() => keeper.kill('SIGKILL'), STOP_MS)
    const { exitCode } = await keeper
    clearTimeout(timer)
    if (exitCode !== 0) throw new Error('the test cluster could not be cleaned up: see above')
  }
}
