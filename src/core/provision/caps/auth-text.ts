import { CephflexError } from '../../errors.js'
import type { Caps } from './caps.js'

export type AuthEntity = { entity: string; caps: Record<string, string> }

const CAP_LINE = [/^caps (\w+) = "(.*)"$/, /^caps: \[(\w+)\] (.*)$/]

const HEADS = [/^\[(.+)\]$/, /^((?:client|mds|osd|mgr)\.\S+)$/]

/**
 * The users and their caps in the output of `ceph auth get` or `ceph auth ls`, or in a keyring file, as text or JSON.
 * Ignores keys.
 *
 * @throws CephflexError EBADREQUEST if it contains no user. The text is not quoted.
 */
export function parseAuthText(text: string): AuthEntity[] {
  const entities = fromJson(text) ?? fromText(text)
  if (entities.length > 0) return entities
  throw new CephflexError('EBADREQUEST', 'the input contains no user', {
    hint: 'pipe the output of "ceph auth get client.USER" into this command',
  })
}

function fromJson(text: string): AuthEntity[] | undefined {
  try {
    const raw = JSON.parse(text) as unknown
    const list = Array.isArray(raw) ? raw : ((raw as { auth_dump?: unknown[] }).auth_dump ?? [raw])
    return (list as { entity?: unknown; caps?: unknown }[]).flatMap(({ entity, caps }) =>
      typeof entity === 'string' ? [{ entity, caps: { ...(caps as Caps) } }] : [],
    )
  } catch {
    return undefined
  }
}

function fromText(text: string): AuthEntity[] {
  const entities: AuthEntity[] = []
  for (const line of text.split('\n').map(each => each.trim())) {
    const [, entity] = firstMatch(HEADS, line)
    if (entity !== undefined) entities.push({ entity, caps: {} })
    const [, service, cap = ''] = firstMatch(CAP_LINE, line)
    const last = entities.at(-1)
    if (service !== undefined && last) last.caps[service] = withoutEscapes(cap)
  }
  return entities
}

function firstMatch(patterns: readonly RegExp[], line: string): string[] {
  return patterns.map(pattern => pattern.exec(line)).find(match => match !== null) ?? []
}

function withoutEscapes(text: string) {
  return text.replace(/\\(["\\])/g, '$1')
}
