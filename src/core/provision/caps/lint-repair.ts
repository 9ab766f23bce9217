import { shellQuoted } from '../../text/shell.js'
import { buildCaps, type Caps } from './caps.js'
import { coversPath, ERAS, type MdsGrant, parseMdsCaps } from './mds-grammar.js'
import type { OsdGrant } from './osd-grammar.js'

/** Where the data of a directory is stored; only known with a connection to the cluster. */
export type LayoutOf = (path: string) => { pool: string; namespace: string } | undefined

const QUOTABLE = /^[ !#-~]*$/

/** Words that restrict a grant, which a repair would lose. */
const NARROWING = /\s(?:uid=|root_squash\b|network\s)/

/** The grants of MDS caps. If today's grammar cannot parse them: one grant with the first path. */
export function readGrants(mds: string): MdsGrant[] {
  const path = /path=("[^"]*"|'[^']*'|.*)$/.exec(mds)?.[1]?.replace(/^["']|["']$/g, '')
  const reading = parseMdsCaps(mds, 'today')
  if ('grants' in reading) return reading.grants
  return path === undefined ? [] : [{ spec: mds.includes('rw') ? 'rw' : 'r', path, isQuoted: false }]
}

/**
 * The command that repairs caps: it sets the minimal ones or, if these cannot be determined, the same with quoted paths.
 * Undefined if neither is possible.
 */
export function repairOf(
  entity: string,
  caps: Caps,
  { grants, osd, layoutOf }: { grants: readonly MdsGrant[]; osd: readonly OsdGrant[]; layoutOf: LayoutOf },
): string | undefined {
  return NARROWING.test(caps['mds'] ?? '')
    ? undefined
    : (tightened(entity, grants, osd, layoutOf) ?? quotedOnly(entity, caps, grants))
}

/** The minimal caps with which the user can still mount the same; undefined if they cannot be determined. */
function tightened(
  entity: string,
  grants: readonly MdsGrant[],
  osd: readonly OsdGrant[],
  layoutOf: LayoutOf,
): string | undefined {
  const limited = grants.filter(({ path }) => path !== undefined && !coversPath(path, '/'))
  const [grant, another] = limited
  if (grant?.path === undefined || another !== undefined) return undefined
  const path = `/${grant.path.replace(/^\/+/, '')}`
  const known = osd.find(({ pool, namespace }) => pool !== undefined && namespace !== undefined)
  const layout = layoutOf(path) ?? (known && { pool: known.pool ?? '', namespace: known.namespace ?? '' })
  if (layout === undefined || layout.namespace === '') return undefined
  try {
    const caps = buildCaps({
      path,
      readOnly: !grant.spec.startsWith('rw') && grant.spec !== '*',
      ...layout,
      fsName: grant.fsName,
    })
    return commandOf(entity, caps)
  } catch {
    return undefined
  }
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
