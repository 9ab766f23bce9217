import { shellQuoted } from '../../text/shell.js'
import { grantsOf, type ParsedCaps, type Place } from './access.js'
import type { Caps } from './caps.js'
import { ERAS, type MdsGrant, parseMdsCaps } from './mds-grammar.js'
import { minimalFor } from './places.js'

const QUOTABLE = /^[ !#-~]*$/

/**
 * The command that repairs caps: it sets the minimal ones or, if these cannot be determined, the same with quoted paths.
 * Undefined if neither is possible, or if it would remove a condition that somebody has set.
 */
export function repairOf(
  entity: string,
  subject: { caps: Caps; parsed: ParsedCaps; grants: readonly MdsGrant[]; places: readonly Place[] },
): string | undefined {
  const { caps, parsed, grants, places } = subject
  const [place, another] = places
  if (isConditional(parsed)) return undefined
  const minimal =
    place === undefined || another !== undefined || place.path === '/'
      ? {}
      : minimalFor(place, parsed, grants)
  if (minimal['osd'] !== undefined) return commandOf(entity, minimal)
  return quotedOnly(entity, caps, grants)
}

function isConditional({ mds, osd, mon }: ParsedCaps): boolean {
  return (
    grantsOf(mds).some(({ uid, gids, rootSquash }) => uid !== undefined || gids || rootSquash) ||
    [mds, osd, mon].some(reading =>
      grantsOf<{ network?: string }>(reading).some(({ network }) => network !== undefined),
    )
  )
}

/** The same caps with every path quoted; undefined if every release can parse them now, or quotes do not help. */
function quotedOnly(entity: string, caps: Caps, grants: readonly MdsGrant[]): string | undefined {
  const isParsed = ERAS.every(era => 'grants' in parseMdsCaps(caps['mds'] ?? '', era))
  if (isParsed || grants.every(({ path, isQuoted }) => path === undefined || isQuoted)) return undefined
  if (grants.some(({ path = '' }) => !QUOTABLE.test(path))) return undefined
  const mds = grants.map(
    ({ spec, fsName, path }) =>
      `allow ${spec}${fsName === undefined ? '' : ` fsname=${fsName}`}${path === undefined ? '' : ` path="${path}"`}`,
  )
  return commandOf(entity, { ...caps, mds: mds.join(', ') })
}

function commandOf(entity: string, caps: Caps): string {
  return `ceph auth caps ${entity} ${Object.entries(caps)
    .map(([service, cap]) => `${service} ${shellQuoted(cap)}`)
    .join(' ')}`
}
