export type OsdGrant = {
  spec: string
  pool?: string | undefined
  namespace?: string | undefined
  tag?: string | undefined
}

/** The grants of OSD caps, as far as they are relevant for a file system. */
export function osdGrants(text: string): OsdGrant[] {
  return text.split(/[,;]/).flatMap(part => {
    const spec = /^\s*allow\s+(\S+)/.exec(part)?.[1]
    if (spec === undefined) return []
    return [
      {
        spec,
        pool: word('pool', part),
        namespace: word('namespace', part),
        tag: /\btag\s+cephfs\b/.test(part) ? part.trim() : undefined,
      },
    ]
  })
}

/** Pool and RADOS namespace of data, in words. */
export function layoutText({ pool, namespace }: { pool: string; namespace: string }): string {
  return `pool ${pool}${namespace ? `, namespace ${namespace}` : ', without a namespace'}`
}

function word(name: string, text: string) {
  return new RegExp(`\\b${name}[= ]"?([\\w.-]+)`).exec(text)?.[1]
}
