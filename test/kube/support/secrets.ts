import { base64 } from '../../support/volumes.js'

/** Matches cephx keys and their base64 by how they start, up to the end of the word. */
const LIKE_A_KEY = /(AQ[A-Za-z0-9+/]{30,}={0,2}|QVF[A-Za-z0-9+/]{40,}={0,2})/g

/** The lines that contain one of the keys in any form, masked. */
export function leaks(text: string, keys: readonly string[]): string[] {
  const forms = keys.flatMap(formsOf)
  return text
    .split('\n')
    .filter(line => forms.some(form => line.includes(form)))
    .map(line => masked(line, keys))
}

/** Text without the given keys and without anything that looks like one. */
export function masked(text: string, keys: readonly string[]): string {
  return keys
    .flatMap(formsOf)
    .reduce((rest, form) => rest.replaceAll(form, '<masked>'), text)
    .replace(LIKE_A_KEY, '<masked>')
}

/** The forms of a key in a log: plain, in base64 as the kubelet passes it, and inside base64 of the JSON. */
function formsOf(key: string): string[] {
  return [key, base64(key), base64(base64(key))]
}
