import { type MonitorAnswer, unusable } from '../ceph/monitor-answer.js'
import type { ErrorCode } from '../error-codes.js'
import type { Client } from '../mounters/index.js'
import { bracketed } from '../text/host.js'
import { shownPath } from '../text/printable.js'
import { shellWord } from '../text/shell.js'
import { type CheckResult, fail, pass, skip, type Verdict, warn } from './check.js'

/** One address of one monitor, and what answers there. */
export type MonitorFact = {
  host: string
  port: number
  /** That of the prefix or of the port; undefined if any will do. */
  protocol: 'v1' | 'v2' | undefined
  /** Both ports were guessed, so one of them is enough. */
  isGuess: boolean
  /** `refused`, `no answer` or an errno name. */
  problem: string | undefined
  banner: MonitorAnswer['banner']
  ms: number
}

/** The result of a mount on a private directory. */
export type ProofFact = {
  /** Undefined if it was mounted. */
  code: ErrorCode | undefined
  message: string
  client: Client | undefined
  /** Bytes; 0 for none; undefined if it could not be read. */
  quotaBytes: number | undefined
  sizeBytes: number | undefined
  ms: number
}

/** What was found out about a cluster. */
export type ClusterProbe = {
  /** Monitor names without an address. */
  unresolved: readonly string[]
  monitors: readonly MonitorFact[]
  user: string
  path: string
  /** When the key was created, in seconds since 1970 by the cluster's clock; 0 if the key does not contain it. */
  keyMadeS: number | undefined
  nowMs: number
  /** Undefined without a key. */
  proof: ProofFact | undefined
}

const NO_KEY = 'requires a key: cephflex doctor --options FILE --key-file FILE'
const AFTER_PATH: readonly ErrorCode[] = ['ENOTDIR', 'EDEAD']
const DF_BLOCK_BYTES = 4_194_304

type ProofCheck = (facts: ClusterProbe, proof: ProofFact) => Verdict

const PROOF_CHECKS: Readonly<Record<string, ProofCheck>> = {
  key: checkKey,
  mds: checkMds,
  caps: checkCaps,
  path: checkPath,
  quota: checkQuota,
  blocklist: checkBlocklist,
}

/** Every check of a cluster, in the order of the report; one for each address of a monitor. */
export function checkCluster(facts: ClusterProbe): CheckResult[] {
  const { monitors, proof } = facts
  const good = monitors.filter(isGood)
  return [
    { id: 'resolve', ...checkResolved(facts) },
    ...monitors.map(fact => ({ id: `monitor:${address(fact)}`, ...checkMonitor(fact, good) })),
    { id: 'key-clock', ...checkKeyClock(facts) },
    ...Object.entries(PROOF_CHECKS).map(([id, check]) => ({
      id,
      ...(proof ? check(facts, proof) : skip(NO_KEY)),
    })),
  ]
}

/** Failures that happen only after the cluster has accepted the key. */
const AFTER_KEY: readonly ErrorCode[] = [
  'EBLOCKED',
  'EDENIED',
  'ENOPATH',
  'ENOTDIR',
  'ENOFS',
  'ENOMDS',
  'EDEAD',
  'ENOMOUNT',
]

function checkKey({ user }: ClusterProbe, { code, message }: ProofFact): Verdict {
  if (code === undefined || AFTER_KEY.includes(code))
    return pass(`the cluster accepts the key of client.${user}`)
  if (code === 'EREFUSED' || code === 'EBADKEY')
    return fail(message, `compare with "ceph auth get ${shellWord(`client.${user}`)}" on the cluster`, code)
  if (code === 'ENOANSWER' || code === 'ENOHOST')
    return skip('unknown: no monitor answered, so the key was not checked')
  return skip(`unknown: ${code}: ${message}`)
}

function checkMds(_: ClusterProbe, { code, message, ms }: ProofFact): Verdict {
  if (code === undefined) return pass(`a metadata server answers, mounted in ${ms} ms`)
  if (code === 'ENOMDS' || code === 'ETIMEOUT' || code === 'EDEAD' || code === 'ENOFS')
    return fail(message, 'ceph fs status; ceph -s', code)
  if (code === 'EDENIED' || code === 'ENOPATH' || code === 'ENOTDIR') return pass('a metadata server answers')
  return skip(`unknown: ${code}`)
}

function checkCaps({ user, path }: ClusterProbe, { code, message }: ProofFact): Verdict {
  if (code === 'EDENIED')
    return fail(
      message,
      `ceph fs authorize FS ${shellWord(`client.${user}`)} ${shellWord(path)} rw   (see "ceph auth get ${shellWord(`client.${user}`)}")`,
      code,
    )
  if (code === undefined || AFTER_PATH.includes(code))
    return pass(`client.${user} is allowed to mount ${shownPath(path)}`)
  // the MDS checks the caps before the path
  if (code === 'ENOPATH') return pass(`the caps of client.${user} allow ${shownPath(path)}`)
  return skip(`unknown: ${code}`)
}

function checkPath({ path }: ClusterProbe, { code, message }: ProofFact): Verdict {
  if (code === undefined) return pass(`${shownPath(path)} exists`)
  if (code === 'ENOPATH' || code === 'ENOTDIR')
    return fail(
      message,
      `create the directory in CephFS: mkdir -p ${shellWord(path)}, or correct the option path`,
      code,
    )
  return skip(`unknown: ${code}`)
}

function checkQuota(_: ClusterProbe, { code, quotaBytes, sizeBytes, client }: ProofFact): Verdict {
  if (code !== undefined) return skip('not mounted')
  if (quotaBytes === undefined) return skip('getfattr is not installed (package attr)')
  if (quotaBytes === 0) return pass('no quota on this directory')
  // df reports blocks of 4 MiB
  if (sizeBytes !== undefined && sizeBytes > quotaBytes + DF_BLOCK_BYTES)
    return warn(
      `the quota is ${quotaBytes} bytes, but ${client} shows ${sizeBytes}: this client does not enforce it`,
      'fuse: set fuseOptions client_quota=true; kernel: use Linux 4.17 or newer',
    )
  return pass(`the quota is ${quotaBytes} bytes, as df shows`)
}

function checkBlocklist(_: ClusterProbe, { code, message }: ProofFact): Verdict {
  if (code === undefined) return pass('this node is not blocklisted')
  if (code === 'EBLOCKED') return fail(message, 'ceph osd blocklist ls; ceph osd blocklist rm ADDRESS', code)
  return skip('not mounted')
}

function checkResolved({ unresolved, monitors }: ClusterProbe): Verdict {
  if (unresolved.length === 0) return pass('every monitor name resolves to an address')
  const message = `no address found for ${unresolved.join(', ')}`
  const fix = `getent hosts ${unresolved[0]}`
  return monitors.length > 0 ? warn(message, fix) : fail(message, fix, 'ENOHOST')
}

function checkMonitor(fact: MonitorFact, good: readonly MonitorFact[]): Verdict {
  const { problem, banner, protocol, ms, isGuess } = fact
  const where = address(fact)
  if (isGood(fact)) return pass(`${where} uses ${banner}, ${ms} ms`)
  if (isGuess && good.some(({ host }) => host === fact.host))
    return skip(`${where} does not answer, but its other port does`)
  const bad = good.length > 0 ? warn : (message: string, fix: string) => fail(message, fix, 'ENOANSWER')
  if (problem !== undefined)
    return bad(
      `${where} ${problem} (${ms} ms)`,
      `nc -vz ${fact.host} ${fact.port}; then "ceph mon dump" on the cluster`,
    )
  const why = unusable(protocol, fact)
  if (banner === 'other' || banner === 'silent')
    return bad(`${where} ${why}`, 'compare with "ceph mon dump" on the cluster')
  return bad(`${where} ${why}`, `use ${banner}:${where} in monitors`)
}

function address({ host, port }: MonitorFact) {
  return `${bracketed(host)}:${port}`
}

function isGood(fact: MonitorFact): boolean {
  return unusable(fact.protocol, fact) === undefined
}

function checkKeyClock({ keyMadeS, nowMs }: ClusterProbe): Verdict {
  if (!keyMadeS) return skip('the key has no creation time')
  const ahead = Math.round(keyMadeS - nowMs / 1000)
  if (ahead <= 0) return pass('the creation time of the key is in the past')
  return warn(
    `the creation time of the key is ${ahead} s in the future by this node's clock: one of the clocks is wrong`,
    'timedatectl; compare with "date" on a monitor',
  )
}
