import type { ErrorCode } from '../../core/error-codes.js'
import { CephflexError } from '../../core/errors.js'
import type { System } from '../../system/system.js'
import { discard } from '../target/discard.js'
import { sharedDirectory } from '../target/shared-directory.js'

/** A failed start of a shared client. `atS`: seconds since the boot. */
type Failure = { atS: number; code: ErrorCode; message: string; hint: string }

/** Failures of one call alone: another may succeed. */
const OF_ONE_CALL: readonly ErrorCode[] = ['EINTERRUPTED', 'ELOCKED', 'EBUG']

/** Clock ticks per second in /proc, on every platform of this program. */
const TICKS = 100

const SUFFIX = '.failed'
const LONGEST_CALL_S = 120

/**
 * When this process started, in seconds since the boot: the beginning of a driver call, before its program was loaded.
 */
export function processStartS({ processes }: System): number {
  return Number(processes.processInfo(process.pid)?.startTime ?? 0) / TICKS
}

/** Seconds since the boot, by the same clock. */
export function uptimeS({ files }: System): number {
  return Number.parseFloat(files.read('/proc/uptime') ?? '0')
}

/**
 * Throws the error of a start that failed since `beganS`: a call that waited for that start does not try once more. A
 * wrong key does not become a login for each pod.
 */
export function throwIfFailed(system: System, path: string, beganS: number): void {
  const failure = parseFailure(system.files.tryRead(fileOf(path)))
  if (failure === undefined) return
  if (failure.atS >= beganS) throw new CephflexError(failure.code, failure.message, { hint: failure.hint })
  dropFailure(system, path)
}

/** Keeps the error of a start for the calls that wait for it. */
export function keepFailure(system: System, path: string, { code, message, hint }: CephflexError): void {
  if (OF_ONE_CALL.includes(code)) return
  sweepFailures(system)
  const failure: Failure = { atS: uptimeS(system), code, message, hint }
  system.files.tryReplace(fileOf(path), JSON.stringify(failure))
}

/** Removes the error of an earlier start. */
export function dropFailure(system: System, path: string): void {
  discard(system, [fileOf(path)])
}

/** Whether a name in the directory of the shared clients is the file of a failure. */
export function isFailure(name: string): boolean {
  return name.endsWith(SUFFIX)
}

/** Removes the errors of starts that no call can still be waiting for. */
export function sweepFailures(system: System): void {
  const directory = sharedDirectory(system)
  const old = system.files
    .list(directory)
    .filter(isFailure)
    .map(name => `${directory}/${name}`)
    .filter(file => uptimeS(system) - (parseFailure(system.files.tryRead(file))?.atS ?? 0) > LONGEST_CALL_S)
  discard(system, old)
}

function fileOf(path: string) {
  return `${path}${SUFFIX}`
}

function parseFailure(text: string | undefined): Failure | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Failure)
  } catch {
    return undefined // written by an older release
  }
}
