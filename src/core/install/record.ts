/** The engine of an installed driver, and why it was chosen: kept for doctor, which shows it. */
export type InstallRecord = { engine: string; why: string }

const MOST_TEXT = 500

/** The record of a driver has this name in the directory of the configuration. */
export function recordName(vendor: string, driver: string): string {
  return `engine-${vendor}~${driver}.json`
}

/** A record as a file: in one line, without control characters, since it quotes what a binary printed. */
export function recordText({ engine, why }: InstallRecord): string {
  return `${JSON.stringify({ engine, why: why.replace(/[^ -~]/g, ' ').slice(0, MOST_TEXT) })}\n`
}

/** A record and its driver, as pods name it; undefined if the file is no record. */
export function readRecord(name: string, text: string): (InstallRecord & { driver: string }) | undefined {
  const [, vendor, driver] = /^engine-([^~]+)~([^~]+)\.json$/.exec(name) ?? []
  if (vendor === undefined) return undefined
  try {
    const { engine, why } = JSON.parse(text) as Record<string, unknown>
    if (typeof engine !== 'string' || typeof why !== 'string') return undefined
    return { driver: `${vendor}/${driver}`, engine, why }
  } catch {
    return undefined
  }
}
