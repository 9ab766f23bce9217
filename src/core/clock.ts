/**
 * Monotonic time in milliseconds, since an arbitrary moment. Not `performance.now()`: the first use of `performance`
 * loads a module of Node.js, which adds 2 ms to every call.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}
