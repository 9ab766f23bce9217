import { parseAllDocuments } from 'yaml'
import { CephflexError } from '../errors.js'

/** An object of a file that a user wrote: any field may be missing or have any type. */
export type UntypedObject = Readonly<Record<string, unknown>>

/**
 * The objects in a text of YAML or JSON; those of a List one by one.
 *
 * @throws CephflexError EBADREQUEST with the line of a syntax error. The parser's own message is dropped: it quotes the
 *   input, which may contain a key.
 */
export function parseDocuments(text: string): UntypedObject[] {
  const documents = parseAllDocuments(text)
  const list = Array.isArray(documents) ? documents : []
  const broken = list.flatMap(document => document.errors)[0]
  if (broken)
    throw badObjects(
      `the volume is neither valid JSON nor valid YAML: line ${broken.linePos?.[0].line ?? '?'}`,
    )
  const objects = list.map(document => document.toJS({ maxAliasCount: 100 }) as unknown)
  // kubectl get -o yaml prints several objects as one List
  return objects.flatMap(itemsOf).filter(isUntypedObject)
}

/** The API answers with lists such as a PodList, whose items have no kind of their own. */
function itemsOf(object: unknown): unknown[] {
  const kind = fieldAt(object, 'kind')
  const [, itemKind] = typeof kind === 'string' ? (/^(.*)List$/.exec(kind) ?? []) : []
  if (itemKind === undefined) return [object]
  return listAt(object, 'items').flatMap(item =>
    itemsOf(isUntypedObject(item) && itemKind !== '' ? { kind: itemKind, ...item } : item),
  )
}

/** The list at a path of fields; empty if there is none. */
export function listAt(value: unknown, ...names: string[]): unknown[] {
  const found = fieldAt(value, ...names)
  return Array.isArray(found) ? found : []
}

/** The value at a path of fields; undefined if there is none. */
export function fieldAt(value: unknown, ...names: string[]): unknown {
  return names.reduce<unknown>((found, name) => (isUntypedObject(found) ? found[name] : undefined), value)
}

export function isUntypedObject(value: unknown): value is UntypedObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** EBADREQUEST for a file without a usable volume. */
export function badObjects(message: string) {
  return new CephflexError('EBADREQUEST', message, {
    hint: 'pass a PersistentVolume or pod with flexVolume, or the options as the kubelet sends them (JSON)',
  })
}
