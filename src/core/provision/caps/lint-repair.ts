import { buildCaps, type Caps } from './caps.js'
import { coversPath, ERAS, type MdsGrant, parseMdsCaps } from './mds-grammar.js'
import type { OsdGrant } from './osd-grammar.js'

/** What a live cluster adds: where a directory's data goes. */
export type LayoutOf = (path: string) => { pool: string; namespace: string } | undefined

const QUOTABLE = /^[ !#-~]*$/

/** Words that narrow a grant, and that a repair would lose. */
const NARROWING = /\s(?:uid=|root_squash\b|network\s)/

/** The grants of MDS caps; of a text that today's grammar cannot read, the first path as far as it goes. */
export function readGrants(mds: string): MdsGrant[] {
  const path = /path=("[^"]*"|'[^']*'|.*)$/.exec(mds)?.[1]?.replace(/^["']|["']$/g, '')
  const reading = parseMdsCaps(mds, 'today')
  if ('grants' in reading) return reading.grants
  return path === undefined ? [] : [{ spec: mds.includes('rw') ? 'rw' : 'r', path, isQuoted: false }]
}

/**
 * The command that repairs caps: to the tightest ones, or, where it cannot be
 * told what these are, to the same with their paths quoted.
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

/** The tightest caps that still mount what it mounts; undefined if that cannot be told. */
function tightened(
  entity: string,
  grants: readonly MdsGrant[],
  osd: readonly OsdGrant[],
  layoutOf: LayoutOf,
): string | undefined {
  const narrow = grants.filter(({ path }) => path !== undefined && !coversPath(path, '/'))
  const [grant, another] = narrow
  if (grant?.path === undefined || another !== undefined) return undefined
  const path = `/${grant.path.replace(/^\/+/, '')}`
  const known = osd.find(({ pool, namespace }) => pool !== undefined && namespace !== undefined)
  const place = layoutOf(path) ?? (known && { pool: known.pool ?? '', namespace: known.namespace ?? '' })
  if (place === undefined || place.namespace === '') return undefined
  try {
    const caps = buildCaps({
      path,
      readOnly: !grant.spec.startsWith('rw') && grant.spec !== '*',
      ...place,
      fsName: grant.fsName,
    })
    return commandOf(entity, caps)
  } catch {
    return undefined
  }
}

/** The same caps with every path between quotes; undefined if every release reads them as they are, or that cannot be done. */
function quotedOnly(entity: string, caps: Caps, grants: readonly MdsGrant[]): string | undefined {
  const isRead = ERAS.every(era => 'grants' in parseMdsCaps(caps['mds'] ?? '', era))
  if (isRead || grants.every(({ path, isQuoted }) => path === undefined || isQuoted)) return undefined
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

function shellQuoted(text: string) {
  return `'${text.replaceAll("'", "'\\''")}'`
}
