import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Deadline } from '../../core/deadline.js'
import type { Client } from '../../core/mounters/index.js'
import type { Secret } from '../../core/secret.js'
import { sharingText } from '../../core/sharing/shared-volume.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import { noRunFile } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { sharedDirectory } from '../target/shared-directory.js'

const ID_BYTES = 12
const LOCK_MS = 5_000
/** The kernel makes a new random UUID for every reader: 122 random bits each. */
const RANDOM = '/proc/sys/kernel/random/uuid'

/**
 * Where the client for this volume and key is mounted on this node: `RUN/shared/ID`. The ID is a keyed hash, so it tells
 * nothing about the key to anybody who cannot read the run directory.
 *
 * @throws CephflexError ENORUNDIR, ELOCKED
 */
export async function clientPath(
  system: System,
  volume: VolumeOptions,
  client: Client,
  key: Secret,
  deadline: Deadline,
): Promise<string> {
  const text = sharingText(volume, client, system.config.cephConf, key)
  const id = hmac(sha256, utf8ToBytes(await sharingKey(system, deadline)), utf8ToBytes(text.reveal()))
  return `${sharedDirectory(system)}/${bytesToHex(id.subarray(0, ID_BYTES))}`
}

/** The secret of this node for the IDs. The first call makes it; every boot has another one. */
async function sharingKey(system: System, deadline: Deadline): Promise<string> {
  const { config, files } = system
  const path = `${config.runDirectory}/sharing-key`
  const known = files.read(path)
  if (known) return known
  const timeoutMs = deadline.share(0.5, 100, LOCK_MS)
  const lock = await system.lock(`${config.runDirectory}/locks/sharing-key`, 'sharing key', timeoutMs)
  try {
    const made = files.read(path)
    if (made) return made
    const key = `${files.read(RANDOM)}${files.read(RANDOM)}`
    files.replace(path, key)
    return key
  } catch (error) {
    throw noRunFile(path, error)
  } finally {
    lock.release()
  }
}
