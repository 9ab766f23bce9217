import { tenantOfPath } from '../tenant.js'
import { type Access, accessTo, grantsOf, type ParsedCaps, parseCaps } from './access.js'
import type { Caps } from './caps.js'
import { type Finding, mdsFindings, monFindings, osdFindings } from './findings.js'
import { repairOf } from './lint-repair.js'
import { ERAS, type Era, parseMdsCaps } from './mds-grammar.js'
import { guessedGrants, type LintFacts, minimalFor, placesOf } from './places.js'

export type LintReport = {
  entity: string
  /** Directories that the user may mount. */
  covers: string[]
  /** What root can do in each directory. */
  access: Access[]
  /** For each grammar of MDS caps: true, or the text where parsing stops. */
  parses: Record<Era, true | string>
  findings: Finding[]
  /** The command that repairs what can be repaired automatically. */
  repair?: string
}

/** What is wrong with the caps of a user that mounts a volume. */
export function lintCaps(entity: string, caps: Caps, facts: LintFacts = {}): LintReport {
  const { era = 'today' } = facts
  const parses = Object.fromEntries(
    ERAS.map(each => {
      const reading = parseMdsCaps(caps['mds'] ?? '', each)
      return [each, 'grants' in reading ? true : reading.stoppedAt]
    }),
  ) as LintReport['parses']
  if (!['mds', 'osd', 'mon'].some(service => caps[service]))
    return { entity, covers: [], access: [], parses, findings: [withoutCaps(entity)] }

  const parsed = parseCaps(caps, era)
  const grants = 'grants' in parsed.mds ? parsed.mds.grants : guessedGrants(caps['mds'] ?? '')
  const places = placesOf(grants, { ...facts, path: facts.path && userPath(entity, facts.path) })
  const findings = places.flatMap(place => {
    const subject = { caps, parsed, place, minimal: minimalFor(place, parsed, grants) }
    return [...mdsFindings(subject), ...osdFindings(subject), ...monFindings(subject)]
  })
  const all = unique([...olderReleases(parses, era), ...otherFileSystem(parsed, facts), ...findings])
  const repair = all.length > 0 ? repairOf(entity, { caps, parsed, grants, places }) : undefined
  const access = places.map(place => accessTo(parsed, place))
  const covers = grantsOf(parsed.mds).map(({ path }) => `/${(path ?? '').replace(/^\/+/, '')}`)
  return { entity, covers, access, parses, findings: all, ...(repair === undefined ? {} : { repair }) }
}

/** The directory that a user is for: that of a tenant, if it is the user of the tenant of this volume. */
function userPath(entity: string, path: string): string {
  const tenant = tenantOfPath(path)
  return tenant && entity === `client.${tenant.user}` ? tenant.path : path
}

/** The file system for which a user is made: the one that all its mds caps name. */
export function fsNameOf(caps: Caps): string | undefined {
  const names = new Set(grantsOf(parseCaps(caps, 'today').mds).map(({ fsName }) => fsName))
  return names.size === 1 ? [...names][0] : undefined
}

function withoutCaps(entity: string): Finding {
  return {
    level: 'error',
    text: `no caps of ${entity} were found; a keyring often contains only the key, and "ceph auth get ${entity}" prints the caps too`,
  }
}

/** The newest release that ignores the mds caps although they have no words of later releases. */
function olderReleases(parses: LintReport['parses'], era: Era): Finding[] {
  const older = ERAS.slice(0, ERAS.indexOf(era)).filter(each => {
    const stop = parses[each]
    return (
      stop !== true && parses[era] === true && !/^\s(?:fsname=|root_squash|network |uid=|gids=)/.test(stop)
    )
  })
  const last = older.at(-1)
  if (last === undefined) return []
  const stop = String(parses[last])
  const why =
    last === '10.1' && stop.startsWith('-') ? ', because that release cannot parse a "-" without quotes' : ''
  const releases = last === ERAS[0] ? last : `${last} or older`
  const text = `an MDS of release ${releases} ignores all mds caps of this user: parsing stops at "${stop}"${why}`
  return [{ level: 'warning', text }]
}

/** A user of another file system than the default one needs an option of the volume. */
function otherFileSystem({ mds }: ParsedCaps, { fsName, defaultFsName }: LintFacts): Finding[] {
  const isNamed = grantsOf(mds).some(grant => grant.fsName !== undefined)
  if (!isNamed || fsName === undefined || defaultFsName === undefined || fsName === defaultFsName) return []
  const text = `the user is for the file system ${fsName}: set fsName in the options of the volume, or ${defaultFsName} is mounted, and refused`
  return [{ level: 'warning', text }]
}

function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map(finding => [finding.text, finding])).values()]
}
