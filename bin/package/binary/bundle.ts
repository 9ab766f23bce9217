import { basename } from 'node:path'
import { build, type Plugin, transform } from 'esbuild'
import { compileAssets, requireParts } from './parts.js'

/** The program as CommonJS: a small entry, and the parts it loads when they are needed. */
export type Bundle = {
  main: string
  parts: Map<string, string>
}

const TARGET = { platform: 'node', target: 'node24', minify: true, legalComments: 'none' } as const

/**
 * What is not loaded at every start. Each is bundled whole, so that a call loads one part and not twenty: finding and
 * checking a part costs 0.2 ms. What two of them share is in both; no process loads two.
 */
export const PARTS = ['cli/driver/driver.js', 'cli/driver/provisioner.js', 'cli/program.js']

/** Bundles `dist/bin/cephflex.js`; names defined (`CEPHFLEX_COMMIT`) become constants. */
export async function bundle(root: string, define: Record<string, string>): Promise<Bundle> {
  const make = async (entry: string): Promise<string> => {
    const { outputFiles } = await build({
      ...TARGET,
      entryPoints: [entry],
      absWorkingDir: root,
      bundle: true,
      plugins: [partsAside],
      format: 'cjs',
      // so that a part can be read as latin1, the fastest way into V8
      charset: 'ascii',
      supported: { 'dynamic-import': false },
      define: { 'import.meta.url': '"file:///cephflex"', ...define },
      write: false,
      logLevel: 'warning',
    })
    return (outputFiles[0]?.text ?? '').replace(/^#!.*\n/, '')
  }
  const parts = new Map<string, string>()
  for (const module of PARTS) {
    const code = await make(`dist/src/${module}`)
    parts.set(nameOf(module), `(function(exports,require,module,__filename,__dirname){${code}\n})`)
  }
  const loader = await transform(`require=(${requireParts})(require,(${compileAssets})(require));`, TARGET)
  return { main: loader.code + (await make('dist/bin/cephflex.js')), parts }
}

/** Leaves the parts out of what is bundled, to be required by name. */
const partsAside: Plugin = {
  name: 'parts-aside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/cli\/[\w/]+\.js$/ }, ({ path, kind }) => {
      const module = PARTS.find(part => path.endsWith(`/${part}`))
      return kind === 'dynamic-import' && module ? { path: `./${nameOf(module)}`, external: true } : undefined
    })
  },
}

function nameOf(module: string) {
  return basename(module)
}
