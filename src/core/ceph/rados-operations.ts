/** The operations of `src/assets/python/rados_session.py`, with their fields. Each answers with a `RadosAnswer`. */
export type RadosOperations = {
  /** Sets options of Ceph, including the key, before `connect`. */
  configure: { settings: Readonly<Record<string, string>> }
  connect: Record<never, never>
  mon: RadosCommand
  mgr: RadosCommand
}

export type RadosOperation = keyof RadosOperations

type RadosCommand = { command: object; input: string }

/** The session's answer to one request. */
export type RadosAnswer = {
  /** Positive errno, or 0. */
  code: number
  /** Parsed if it is JSON; other text as a string; null if empty. */
  output: unknown
  error: string
  /** There is no connection, so the command was not sent. */
  unconnected?: boolean
}
