import type { Caps } from './caps.js'
import { type LayoutOf, readGrants, repairOf } from './lint-repair.js'
import { coversPath, ERAS, type Era, type MdsGrant, parseMdsCaps } from './mds-grammar.js'
import { layoutText, type OsdGrant, osdGrants } from './osd-grammar.js'

export type Finding = { level: 'error' | 'warning'; text: string }

export type LintReport = {
  entity: string
  /** Directories that the user may mount. */
  covers: string[]
  /** For each grammar: true, or the text where parsing stops. */
  parses: Record<Era, true | string>
  findings: Finding[]
  /** The command that repairs what can be repaired automatically. */
  repair?: string
}

/**
 * What is wrong with the caps of a user that mounts a volume.
 *
 * @param layoutOf returns undefined for an unknown directory; by default for every one.
 */
export function lintCaps(entity: string, caps: Caps, layoutOf: LayoutOf = () => undefined): LintReport {
  const mds = caps['mds']
  const parses = Object.fromEntries(
    ERAS.map(era => {
      const reading = parseMdsCaps(mds ?? '', era)
      return [era, 'grants' in reading ? true : reading.stoppedAt]
    }),
  ) as LintReport['parses']
  const grants = readGrants(mds ?? '')
  const osd = osdGrants(caps['osd'] ?? '')
  const covers = parses.today === true ? grants.map(({ path }) => `/${(path ?? '').replace(/^\/+/, '')}`) : []
  const findings = [
    ...(mds === undefined
      ? [error('the user has no mds caps: it cannot mount anything')]
      : [...parseFindings(parses), ...mdsFindings(grants)]),
    ...osdFindings(osd),
    ...monFindings(caps['mon']),
    ...layoutFindings(covers, osd, layoutOf),
  ]
  const repair = findings.length > 0 ? repairOf(entity, caps, { grants, osd, layoutOf }) : undefined
  return { entity, covers, parses, findings, ...(repair === undefined ? {} : { repair }) }
}

function parseFindings(parses: LintReport['parses']): Finding[] {
  const { today } = parses
  if (today !== true)
    return [error(`the MDS cannot parse the mds caps and ignores all of them: parsing stops at "${today}"`)]
  return ERAS.flatMap(era => {
    const stop = parses[era]
    // caps with words of later releases are not for such an MDS
    if (stop === true || /^\s(?:fsname=|root_squash|network )/.test(stop)) return []
    const why =
      era === '10.1' && stop.startsWith('-') ? ', because that release cannot parse a "-" without quotes' : ''
    return [
      warning(`an MDS of release ${era} ignores all mds caps of this user: parsing stops at "${stop}"${why}`),
    ]
  })
}

function mdsFindings(grants: readonly MdsGrant[]): Finding[] {
  return grants.flatMap(({ spec, path }) => {
    const findings: Finding[] = []
    if (coversPath(path, '/'))
      findings.push(
        warning(
          `"allow ${spec}" without a path lets the user ${spec === 'r' ? 'read the names of' : 'change'} every file`,
        ),
      )
    if (spec === '*' || spec.includes('p'))
      findings.push(
        warning(`"allow ${spec}" lets the user change quotas and layouts, so it can remove its own quota`),
      )
    return findings
  })
}

function osdFindings(grants: readonly OsdGrant[]): Finding[] {
  if (grants.length === 0)
    return [error('the user has no osd caps: it can list files, but neither read nor write them')]
  return grants.flatMap(({ spec, pool, namespace, tag }) => {
    if (tag !== undefined)
      return [warning('the osd caps cover the data of the whole file system ("tag cephfs")')]
    if (pool === undefined) return [warning(`the osd caps "allow ${spec}" cover every pool`)]
    if (namespace === undefined)
      return [
        warning(`the osd caps cover the data of every volume in the pool ${pool}: they have no namespace`),
      ]
    return []
  })
}

function monFindings(mon: string | undefined): Finding[] {
  if (mon === undefined) return [error('the user has no mon caps: it cannot even connect')]
  return /allow\s+(\*|[rx]*w)/.test(mon)
    ? [warning(`the mon caps "${mon}" let the user change the cluster`)]
    : []
}

function warning(text: string): Finding {
  return { level: 'warning', text }
}

function layoutFindings(
  paths: readonly string[],
  grants: readonly OsdGrant[],
  layoutOf: LayoutOf,
): Finding[] {
  return paths.flatMap(path => {
    const layout = layoutOf(path)
    if (layout === undefined || grants.some(({ tag, pool }) => tag !== undefined || pool === undefined))
      return []
    const isCovered = grants.some(
      ({ pool, namespace }) =>
        pool === layout.pool && (namespace === undefined || namespace === layout.namespace),
    )
    if (isCovered) return []
    return [
      error(
        `the data of ${path} is in ${layoutText(layout)}, which the osd caps do not cover: every read and write fails`,
      ),
    ]
  })
}

function error(text: string): Finding {
  return { level: 'error', text }
}
