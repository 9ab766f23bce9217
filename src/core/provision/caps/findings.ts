import {
  grantsOf,
  mdsProblem,
  monProblem,
  monReads,
  networkProblem,
  normalised,
  notReading,
  osdProblem,
  othersOf,
  type ParsedCaps,
  type Place,
  writes,
} from './access.js'
import type { Caps } from './caps.js'
import { coversPath, type MdsGrant } from './mds-grammar.js'
import { layoutText, type OsdGrant } from './osd-grammar.js'

export type Finding = {
  level: 'error' | 'warning'
  text: string
  /** Caps of that service that would work. */
  works?: string
}

type Subject = {
  caps: Caps
  parsed: ParsedCaps
  place: Place
  /** Caps that would work; for osd only if it is known where the data is. */
  minimal: Caps
}

/** What is wrong with the mon caps. */
export function monFindings({ caps, parsed: { mon }, place, minimal }: Subject): Finding[] {
  const text = caps['mon']
  const bad = (problem: string) => error(problem, `mon ${quoted(minimal['mon'])}`)
  if (!text) return [bad('the user has no mon caps: it cannot even connect')]
  if ('stoppedAt' in mon)
    return [bad(unparsed('mon', text, mon.stoppedAt, 'a mount waits until its deadline'))]
  const problem = monProblem(mon, place)
  if (problem !== undefined)
    return [bad(`the mon caps "${text}" ${problem}: a mount waits until its deadline`)]
  const lacking = (['osd', 'pg'] as const).filter(name => !monReads(mon, place, name))
  const effect = lacking.includes('osd') ? 'every access to the volume hangs' : 'df and umount hang'
  return [
    ...(lacking.length > 0
      ? [bad(`the mon caps "${text}" ${notReading(mon, place, lacking)}: ${effect}`)]
      : []),
    ...mon.grants
      .filter(({ changes }) => changes)
      .map(grant => warning(`the mon caps "${grant.text}" let the user change the cluster`)),
    ...onlyFrom('mon', mon.grants, place),
  ]
}

/** What is wrong with the mds caps, apart from what only older releases cannot parse. */
export function mdsFindings({ caps, parsed: { mds }, place, minimal }: Subject): Finding[] {
  const text = caps['mds']
  const bad = (problem: string) => error(problem, `mds ${quoted(minimal['mds'])}`)
  if (!text) return [bad('the user has no mds caps: it cannot mount anything')]
  if ('stoppedAt' in mds) return [bad(unparsed('mds', text, mds.stoppedAt, 'the user cannot mount anything'))]
  const near = mds.grants.filter(({ path }) => coversPath(path && normalised(path), place.path))
  const works = mds.grants.filter(grant => mdsProblem(grant, place) === undefined)
  const blocked = (grants: readonly MdsGrant[], effect: string) =>
    grants.flatMap(grant => {
      const problem = mdsProblem(grant, place) ?? (grant.rootSquash && 'does not let root write')
      return problem ? [bad(`mds "${grant.text}" ${problem}: ${effect}`)] : []
    })
  const wanted = near.filter(isForWriting)
  const faults =
    works.length === 0
      ? blocked(near.length > 0 ? near : mds.grants, `the user cannot mount ${place.path}`)
      : works.some(writes)
        ? []
        : blocked(wanted, `root cannot write in ${place.path}`)
  return [...faults, ...works.flatMap(grant => breadth(grant, place)), ...onlyFrom('mds', mds.grants, place)]
}

/** What is wrong with the osd caps. */
export function osdFindings({ caps, parsed: { mds, osd }, place, minimal }: Subject): Finding[] {
  const text = caps['osd']
  const nothing = 'it can list files, but neither read nor write them'
  const bad = (problem: string) =>
    error(problem, minimal['osd'] === undefined ? undefined : `osd ${quoted(minimal['osd'])}`)
  if (!text) return [bad(`the user has no osd caps: ${nothing}`)]
  if ('stoppedAt' in osd) return [bad(unparsed('osd', text, osd.stoppedAt, nothing))]
  const works = osd.grants.filter(grant => osdProblem(grant, place) === undefined)
  const here = grantsOf(mds).filter(({ path }) => coversPath(path, place.path))
  const changes = here.some(isForWriting)
  const lacking = [
    ...(works.some(({ reads }) => reads) ? [] : ['read' as const]),
    ...(changes && !works.some(grant => grant.writes) ? ['write' as const] : []),
  ]
  const where = place.layout ? ` (its data is in ${layoutText(place.layout)})` : ''
  const faults = osd.grants.map(grant => {
    const problem =
      osdProblem(grant, place) ??
      `does not allow ${lacking.map(verb => `${verb.replace(/e?$/, 'ing')}`).join(' or ')}`
    return bad(
      `osd "${grant.text}" ${problem}: every ${lacking.join(' and ')} in ${place.path} fails${where}`,
    )
  })
  return [
    ...(lacking.length > 0 ? faults : []),
    ...works.flatMap(grant => extent(grant, here.length > 0 && !changes)),
    ...onlyFrom('osd', osd.grants, place),
  ]
}

/** What a grant of the MDS caps allows beyond the use of the directory. */
function breadth(grant: MdsGrant, place: Place): Finding[] {
  const { spec, path, uid, text } = grant
  const isWide = coversPath(path, '/')
  const verb = spec === 'r' ? 'read the names of' : 'change'
  return [
    ...(isWide ? [warning(`"allow ${spec}" without a path lets the user ${verb} every file`)] : []),
    ...(!isWide && othersOf({ grants: [grant] }, place).length > 0
      ? [warning(`mds "${text}" lets the user ${verb} files outside of ${place.path}`)]
      : []),
    ...(spec === '*' || spec.includes('p')
      ? [warning(`"allow ${spec}" lets the user change quotas and layouts, so it can remove its own quota`)]
      : []),
    ...(uid === undefined
      ? []
      : [warning(`mds "${text}" is for root only: other users in a pod are refused`)]),
  ]
}

/** What a grant of the OSD caps allows beyond the data of the directory, or less than it. */
function extent(
  { text, pool, namespace, tag, objectPrefix, writes: changes }: OsdGrant,
  isReadOnly: boolean,
): Finding[] {
  const wide =
    namespace !== undefined
      ? undefined
      : tag !== undefined
        ? 'the osd caps cover the data of the whole file system ("tag cephfs")'
        : pool === undefined
          ? `the osd caps "${text}" cover every pool`
          : `the osd caps cover the data of every volume in the pool ${pool}: they have no namespace`
  return [
    ...(wide === undefined ? [] : [warning(wide)]),
    ...(objectPrefix === undefined
      ? []
      : [
          warning(
            `osd "${text}" does not cover files whose inode number does not begin with ${objectPrefix}`,
          ),
        ]),
    ...(changes && isReadOnly
      ? [warning(`osd "${text}" lets the user overwrite data of a volume that its mds caps only let it read`)]
      : []),
  ]
}

/** Grants that apply only to clients in a network, if it is not known where the node is. */
function onlyFrom(
  service: string,
  grants: readonly { text: string; network?: string }[],
  place: Place,
): Finding[] {
  if (place.address !== undefined) return []
  return grants
    .filter(grant => grant.network !== undefined && networkProblem(grant, place) === undefined)
    .map(({ text, network }) => warning(`${service} "${text}" applies only to nodes in ${network}`))
}

function isForWriting({ spec }: MdsGrant): boolean {
  return spec === '*' || spec.includes('w')
}

function unparsed(service: string, text: string, stop: string, effect: string): string {
  const name = { mon: 'monitors', mds: 'MDS', osd: 'OSDs' }[service]
  const verb = service === 'mds' ? 'ignores all of them' : 'ignore all of them'
  return `the ${name} cannot parse the ${service} caps "${text}" and ${verb}: parsing stops at "${stop}": ${effect}`
}

function quoted(caps: string | undefined) {
  return `'${caps ?? ''}'`
}

function error(text: string, works?: string): Finding {
  return { level: 'error', text, ...(works === undefined ? {} : { works }) }
}

function warning(text: string): Finding {
  return { level: 'warning', text }
}
