import type { Layout } from '../../ceph/xattrs.js'
import { grantsOf, normalised, type ParsedCaps, type Place, type PoolTags } from './access.js'
import { buildCaps, type Caps } from './caps.js'
import { coversPath, type Era, type MdsGrant } from './mds-grammar.js'

/** What is known about the cluster and the node. Everything that is missing is taken to fit. */
export type LintFacts = {
  /** The directory that a pod mounts; by default, those in the mds caps. */
  path?: string | undefined
  /** The grammar of the cluster's release; by default, the newest. */
  era?: Era | undefined
  fsName?: string | undefined
  /** The file system that is mounted without the option fsName. */
  defaultFsName?: string | undefined
  /** Where the data of a directory is. */
  layoutOf?: ((path: string) => Layout | undefined) | undefined
  tagsOf?: ((pool: string) => PoolTags | undefined) | undefined
  /** The address of the node that mounts. */
  address?: string | undefined
}

/** The directories that a user is for: the given one, else those of its grants, else everything. */
export function placesOf(grants: readonly MdsGrant[], facts: LintFacts): Place[] {
  const limited = [...new Set(grants.map(({ path }) => normalised(path ?? '')))].filter(path => path !== '/')
  const paths = facts.path === undefined ? (limited.length > 0 ? limited : ['/']) : [facts.path]
  return paths.map(path => {
    const layout = facts.layoutOf?.(path)
    const { fsName, address } = facts
    return { path, fsName, address, layout, tags: layout && facts.tagsOf?.(layout.pool) }
  })
}

/** The caps that give a user the same access to a place and no more. Without osd if its data may be anywhere. */
export function minimalFor(place: Place, parsed: ParsedCaps, grants: readonly MdsGrant[]): Caps {
  const here = grants.filter(({ path }) => coversPath(normalised(path ?? ''), place.path))
  const layout = place.layout ?? layoutFrom(parsed)
  const fsName = here.some(grant => grant.fsName !== undefined)
    ? (place.fsName ?? here[0]?.fsName)
    : undefined
  const readOnly = here.length > 0 && here.every(({ spec }) => !/[w*]/.test(spec))
  try {
    const { osd = '', ...others } = buildCaps({
      path: place.path,
      readOnly,
      fsName,
      ...(layout ?? NO_LAYOUT),
    })
    return layout === undefined ? others : { ...others, osd }
  } catch {
    return { mon: 'allow r' }
  }
}

/** The grant that mds caps probably mean which the MDS cannot parse. None if it may have conditions. */
export function guessedGrants(mds: string): MdsGrant[] {
  if (/uid|gids|root_squash|network|allow.*allow/is.test(mds)) return []
  const fsName = /\sfsname=([\w.-]+)/.exec(mds)?.[1]
  const path = /\spath\s*=\s*("[^"]*"|'[^']*'|.*?)(?:\s+fsname=\S*)?\s*$/
    .exec(mds)?.[1]
    ?.replace(/^["']|["']$/g, '')
  if (path === undefined) return []
  const spec = /allow\s+(?:rw|\*|all)/i.test(mds) ? 'rw' : 'r'
  return [{ text: mds, spec, path, isQuoted: false, ...(fsName === undefined ? {} : { fsName }) }]
}

const NO_LAYOUT: Layout = { pool: 'unknown', namespace: '' }

/** Pool and namespace of the first osd grant that has both. */
function layoutFrom({ osd }: ParsedCaps): Layout | undefined {
  const known = grantsOf(osd).find(({ pool, namespace = '' }) => pool !== undefined && namespace !== '')
  if (known === undefined || known.namespace?.endsWith('*')) return undefined
  return { pool: known.pool ?? '', namespace: known.namespace ?? '' }
}
