/** How a driver answered `init`; undefined if it did not start. `exitCode` is undefined if it was killed. */
type InitResult = { exitCode: number | undefined; stdout: string; stderr: string } | undefined

/** Whether the kubelet would accept it: it reads stdout and stderr as one JSON object, so anything else is a failure. */
export function answersInit(result: InitResult): boolean {
  try {
    const reply = JSON.parse(`${result?.stdout}${result?.stderr}`) as { status?: unknown } | null
    return result?.exitCode === 0 && reply?.status === 'Success'
  } catch {
    return false
  }
}
