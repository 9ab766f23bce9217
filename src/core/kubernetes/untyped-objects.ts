import { parseAllDocuments } from 'yaml'
import { CephflexError } from '../errors.js'

export type UntypedObject = Readonly<Record<string, unknown>>

/**
 * The objects in a text of YAML or JSON, those of a List one by one.
 *
 * The errors of the parser quote its input, and the input may hold a key: only their place is said.
 *
 * @throws CephflexError EBADREQUEST.
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
  return objects
    .flatMap(object => (fieldAt(object, 'kind') === 'List' ? listAt(object, 'items') : [object]))
    .filter(isUntypedObject)
}

export function listAt(value: unknown, ...names: string[]): unknown[] {
  const found = fieldAt(value, ...names)
  return Array.isArray(found) ? found : []
}

export function fieldAt(value: unknown, ...names: string[]): unknown {
  return names.reduce<unknown>((found, name) => (isUntypedObject(found) ? found[name] : undefined), value)
}

export function isUntypedObject(value: unknown): value is UntypedObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function badObjects(message: string) {
  return new CephflexError('EBADREQUEST', message, {
    hint: 'pass a PersistentVolume or pod with flexVolume, or the options as the kubelet sends them (JSON)',
  })
}
