const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Aborted by SIGINT, SIGTERM or SIGHUP, which no longer end this process by themselves. */
export function interruptSignal(): AbortSignal {
  return listen().signal
}

/** Runs `work` with a signal that SIGINT, SIGTERM or SIGHUP aborts; they do not end the process meanwhile. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, abort } = listen()
  try {
    return await work(signal)
  } finally {
    for (const name of INTERRUPTS) process.off(name, abort)
  }
}

function listen(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort()
  for (const name of INTERRUPTS) process.on(name, abort)
  return { signal: controller.signal, abort }
}
