const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Aborted when this process is asked to end. From now on such a signal no longer ends it by itself. */
export function interruptSignal(): AbortSignal {
  return listen().signal
}

/** Does work that a signal to this process ends in an orderly way. */
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
