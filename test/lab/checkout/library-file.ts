import { fileURLToPath } from 'node:url'

/** The bundle of a library, which `libraries.ts` makes. */
export function libraryFile(name: string): string {
  return fileURLToPath(new URL(`../../../libraries/${name.replaceAll('/', '+')}.js`, import.meta.url))
}
