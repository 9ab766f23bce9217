import type { Monitor } from '../ceph/monitors.js'
import type { NodeConfig } from '../config/node-config.js'
import { CephflexError } from '../errors.js'
import { secretEntry } from '../kubelet/call-options.js'
import { type ClientOptions, parseClientOptions } from '../mount-options/mount-options.js'
import { CLIENTS, clientsFor, mounters } from '../mounters/index.js'
import { chooseCluster } from './cluster-choice.js'
import { type ParsedCredential, parseCredential } from './credential-option.js'
import { readKubeletKeys } from './kubelet-keys.js'
import { OPTIONS, type OptionValues, readOptionValues } from './option-fields.js'
import { snapshotPath } from './snapshot-path.js'
import type { Credential, VolumeOptions } from './volume.js'
import type { VolumeInput } from './volume-input.js'
import { readVolumeStrings } from './volume-strings.js'

const OPTION_NAMES = Object.keys(OPTIONS)
const MAX_PROBLEMS = 20

/**
 * Checks the options of a `mount` call, which are the kubelet's JSON.
 *
 * @throws CephflexError EBADREQUEST if `json` is too long, not JSON or not an object; EBADOPTIONS with all problems in
 *   one message; EBADKEY if the key is the only problem. No message quotes a value of the Secret.
 */
export function parseVolumeOptions(json: string, config: NodeConfig): VolumeOptions {
  const { strings, rejected, problems: unusable } = readVolumeStrings(json, OPTION_NAMES)
  const { values, problems: malformed } = readOptionValues(strings)
  const input = { strings, rejected, values, config }
  const cluster = chooseCluster(input)
  const { named, problems: ambiguous } = namedUser(input)
  const clients = parseClientOptions(values)
  const kubelet = readKubeletKeys(strings)
  const secret = parseCredential(input, named)
  const credential = credentialOrThrow(secret, [
    ...[...unusable, ...malformed, ...cluster.problems, ...ambiguous, ...clients.problems],
    ...[...clientProblems(values, cluster.monitors), ...kubelet.problems, ...secret.problems],
  ])
  refuseMisplacedKey(strings, credential)
  const { fsName = cluster.fsName, msMode } = values
  return {
    monitors: cluster.monitors,
    path: values.path,
    user: secret.user ?? named ?? values.user,
    mounter: values.mounter,
    clientSharing: values.clientSharing ?? config.clientSharing,
    options: clients.options,
    timeoutS: values.timeoutSeconds ?? config.timeoutSeconds,
    fsGroupPolicy: values.fsGroupPolicy,
    ...defined({ fsName, msMode, fsGroup: kubelet.fsGroup }),
    readOnly: kubelet.readOnly || clients.readOnly || namesSnapshot(values.path, clients.options),
    credential,
    pod: kubelet.pod,
  }
}

/** A snapshot can only be read, with whichever client it is mounted. */
function namesSnapshot(path: string, options: ClientOptions): boolean {
  return CLIENTS.some(client => snapshotPath({ path, options }, mounters[client]) !== undefined)
}

/** The user that the options name, if they do. */
function namedUser({ strings, values }: VolumeInput): { named?: string; problems: string[] } {
  const isNamed = strings['user'] !== undefined
  if (strings['id'] === undefined || values.id === undefined)
    return { ...(isNamed ? { named: values.user } : {}), problems: [] }
  const differ = isNamed && values.user !== values.id
  return {
    named: values.id,
    problems: differ ? ['id differs from user: it is an alias of user, so set only one'] : [],
  }
}

/** The credential, if there is no problem at all. An unusable key is EBADKEY if nothing else is wrong. */
function credentialOrThrow(
  { credential, keyError }: ParsedCredential,
  problems: readonly string[],
): Credential {
  if (problems.length > 0) throw refuse(keyError === undefined ? problems : [...problems, keyError.message])
  if (credential !== undefined) return credential
  throw keyError ?? refuse(['secretFile or a Secret is required'])
}

function refuse(problems: readonly string[]): CephflexError {
  const more = problems.length - MAX_PROBLEMS
  const last = more > 0 ? [`and ${more} more`] : []
  return new CephflexError('EBADOPTIONS', [...problems.slice(0, MAX_PROBLEMS), ...last].join('; '))
}

/** What the clients that may be tried cannot use. */
function clientProblems({ mounter, msMode }: OptionValues, monitors: readonly Monitor[]): string[] {
  const volume = { monitors, ...defined({ msMode }) }
  return clientsFor(mounter).flatMap(client => mounters[client].problems(volume))
}

/** A key pasted into another option would appear in arguments, logs and replies. */
function refuseMisplacedKey(strings: Readonly<Record<string, string>>, credential: Credential): void {
  if (credential.from !== 'secret') return
  const key = credential.key.reveal()
  const isMisplaced = Object.entries(strings).some(
    ([name, value]) => secretEntry(name) === undefined && `${name} ${value}`.includes(key),
  )
  if (isMisplaced)
    throw new CephflexError('EBADKEY', "the Secret's key was also found in another option", {
      hint: 'remove the key from flexVolume.options, where anyone can read it, and create a new key',
    })
}

function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never
}
