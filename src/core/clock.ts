/**
 * Milliseconds since some moment; never set back. Not `performance.now()`: the first use of `performance` loads a module
 * of Node, which takes 2 ms of every call.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}
