/** The operations of `src/assets/python/rados_session.py`, with their fields. Each answers with a `RadosAnswer`. */
export type RadosOperations = {
  /** Sets options of Ceph, the key included, before it connects. */
  configure: { settings: Readonly<Record<string, string>> }
  connect: Record<never, never>
  mon: RadosCommand
  mgr: RadosCommand
}

export type RadosOperation = keyof RadosOperations

type RadosCommand = { command: object; input: string }

/** What the session answers to one request. */
export type RadosAnswer = {
  /** Positive errno, or 0. */
  code: number
  /** JSON as a value, other text as a string, nothing as null. */
  output: unknown
  error: string
  /** True if there is no connection, so that the command was not sent. */
  unconnected?: boolean
}
