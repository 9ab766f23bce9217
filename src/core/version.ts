/** Version of this program; `test/core/version.test.ts` keeps it equal to package.json. */
export const VERSION = '0.2.0'

/** Release date of this version, for the manual page. */
export const RELEASE_DATE = '2026-11-30'

/** Defined by the packaging; ends in `-dirty` if the checkout differed from the commit. */
declare const CEPHFLEX_COMMIT: string | undefined

const COMMIT = typeof CEPHFLEX_COMMIT === 'string' ? `commit ${CEPHFLEX_COMMIT}` : 'checkout'

/** The output of `--version`. @param engine the name and version of what runs this program. */
export function versionText(engine: string, arch: string): string {
  return `cephflex ${VERSION} (${COMMIT}, ${engine}, ${arch})`
}
