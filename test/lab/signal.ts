/**
 * Sends a signal to a process. Not `process.kill`: there, the pid 0, a common default for "none", means every process of
 * the test run.
 *
 * @throws Error if there is no such process.
 */
export function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined || pid <= 1) throw new Error(`${name} is for no process: ${pid}`)
  process.kill(pid, name)
}
