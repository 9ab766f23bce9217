import { build, transform } from 'esbuild'
import { compileAssets, requireParts } from './parts.js'

/** The program as CommonJS: a small entry, and the parts it loads when they are needed. */
export interface Bundle {
  main: string
  parts: Map<string, string>
}

const TARGET = { platform: 'node', target: 'node24', minify: true, legalComments: 'none' } as const

/**
 * Bundles `dist/bin/cephflex.js`. esbuild splits ES modules only, so it makes those first and each part is turned into CommonJS
 * afterwards; names defined (`CEPHFLEX_COMMIT`) become constants.
 */
export async function bundle(root: string, define: Record<string, string>): Promise<Bundle> {
  const { outputFiles } = await build({
    ...TARGET,
    entryPoints: { main: 'dist/bin/cephflex.js' },
    // the names of the parts are made from paths relative to this
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: '/',
    define: { 'import.meta.url': '"file:///cephflex"', ...define },
    write: false,
    logLevel: 'warning',
  })
  const parts = new Map<string, string>()
  let main = ''
  for (const { path, text } of outputFiles.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const name = path.slice(1)
    const code = await toCommonJs(text)
    if (name === 'main.js') main = code
    else parts.set(name, `(function(exports,require,module,__filename,__dirname){${code}\n})`)
  }
  const loader = await transform(`require=(${requireParts})(require,(${compileAssets})(require));`, TARGET)
  return { main: loader.code + main, parts }
}

/** ASCII only, so that a part can be read as latin1, the fastest way into V8. */
async function toCommonJs(text: string): Promise<string> {
  const { code } = await transform(text.replace(/^#!.*\n/, ''), {
    ...TARGET,
    format: 'cjs',
    charset: 'ascii',
    supported: { 'dynamic-import': false },
  })
  return code
}
