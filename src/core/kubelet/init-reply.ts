/** How a driver answered `init`. `exitCode` is undefined if it was killed or did not start. */
type InitResult = { exitCode: number | undefined; stdout: string; stderr: string }

/** Whether the kubelet would accept it: it reads stdout and stderr as one JSON object, so anything else is a failure. */
export function answersInit({ exitCode, stdout, stderr }: InitResult): boolean {
  try {
    const reply = JSON.parse(`${stdout}${stderr}`) as { status?: unknown } | null
    return exitCode === 0 && reply?.status === 'Success'
  } catch {
    return false
  }
}
