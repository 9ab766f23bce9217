const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Aborted by SIGINT, SIGTERM or SIGHUP, which no longer end this process by themselves. */
export function interruptSignal(): AbortSignal {
  return listen().signal
}

/**
 * Runs `work` with a signal that SIGINT, SIGTERM or SIGHUP aborts; they do not end the process meanwhile.
 *
 * @param onInterrupt is called first, with the name of the signal.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onInterrupt?: (name: NodeJS.Signals) => void,
): Promise<T> {
  const { signal, abort } = listen(onInterrupt)
  try {
    return await work(signal)
  } finally {
    for (const name of INTERRUPTS) process.off(name, abort)
  }
}

function listen(onInterrupt?: (name: NodeJS.Signals) => void) {
  const controller = new AbortController()
  const abort = (name: NodeJS.Signals) => {
    onInterrupt?.(name)
    controller.abort()
  }
  for (const name of INTERRUPTS) process.on(name, abort)
  return { signal: controller.signal, abort }
}
