import { base64 } from '../../support/volumes.js'

/** Keys of cephx begin like this, and so does their base64; whatever else follows goes with it. */
const LIKE_A_KEY = /(AQ[A-Za-z0-9+/]{30,}={0,2}|QVF[A-Za-z0-9+/]{40,}={0,2})/g

/** The lines, masked, in which one of the keys stands in any form. */
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

/** How a key may stand in a log: as it is, as the kubelet hands it over, and that again in an encoded JSON. */
function formsOf(key: string): string[] {
  return [key, base64(key), base64(base64(key))]
}
