/** A key as a keyring contains it, not checked. Without an entity, it is the key of whoever asked for it. */
export type KeyOfEntity = { entity?: string; key?: string }

/**
 * The keys in a keyring, or in the JSON that `ceph auth get`, `ceph auth ls` or `ceph auth get-key` print; undefined if
 * the text is neither. Reads a keyring as Ceph does: comments, quotes, continued lines, and of a repeated section or
 * line the last.
 */
export function readEntities(text: string): KeyOfEntity[] | undefined {
  if (/^[[{]/.test(text)) {
    const fromJson = readJson(text)
    if (fromJson !== undefined) return fromJson
  }
  return /^\s*\[[^\]]+\]/m.test(text) ? readSections(text) : undefined
}

function readJson(text: string): KeyOfEntity[] | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  const dump = (parsed as { auth_dump?: unknown }).auth_dump ?? parsed
  const objects = (Array.isArray(dump) ? dump : [dump]) as unknown[]
  const found = objects.flatMap(object => {
    const { entity, key } = (typeof object === 'object' && object !== null ? object : {}) as Record<
      string,
      unknown
    >
    if (typeof key !== 'string') return []
    return [{ key: key.trim(), ...(typeof entity === 'string' ? { entity } : {}) }]
  })
  return found.length > 0 ? found : undefined
}

function readSections(text: string): KeyOfEntity[] {
  const found: KeyOfEntity[] = []
  let entity: string | undefined
  for (const line of text.replace(/\\\r?\n/g, '').split(/\r\n|\n|\r/)) {
    const header = /^\s*\[((?:\\.|[^\]\\#;])+)\]/.exec(line)?.[1]
    const value = /^\s*key\s*=\s*(.*)$/.exec(line)?.[1]
    if (header !== undefined) {
      entity = header.replace(/\\(.)/g, '$1').trim()
      found.push({ entity })
    } else if (entity !== undefined && value !== undefined) found.push({ entity, key: unquoted(value) })
  }
  return found.filter(({ entity: name, key }) => key !== undefined || !hasKey(found, name))
}

function hasKey(found: readonly KeyOfEntity[], name: string | undefined): boolean {
  return found.some(({ entity, key }) => entity === name && key !== undefined)
}

/** Quotes keep a comment sign; without them, the value ends at the first. */
function unquoted(text: string): string {
  const [, double, single, plain = ''] = /^(?:"([^"]*)"|'([^']*)'|([^#;]*))/.exec(text) ?? []
  return (double ?? single ?? plain).trim()
}
