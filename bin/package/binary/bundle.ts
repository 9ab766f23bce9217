import { basename } from 'node:path'
import { build, type Plugin, transform } from 'esbuild'
import { compileAssets, requireParts } from './parts.js'

/** The program as CommonJS modules: a small entry, and the parts by name, which it requires when they are needed. */
export type Bundle = {
  main: string
  parts: Map<string, string>
}

const TARGET = { platform: 'node', target: 'node24', minify: true, legalComments: 'none' } as const

/**
 * The modules that are not loaded at every start. Each is bundled with all its imports, so that a call loads one part
 * and not twenty: finding and checking a part costs 0.2 ms. Shared code is in several parts; no process loads two.
 */
export const PARTS = ['cli/driver/driver.js', 'cli/driver/provisioner.js', 'cli/program.js']

/** Bundles `dist/bin/cephflex.js`. The names in `define` (`CEPHFLEX_COMMIT`) become constants. */
export async function bundle(root: string, define: Record<string, string>): Promise<Bundle> {
  const make = async (entry: string): Promise<string> => {
    const { outputFiles } = await build({
      ...TARGET,
      entryPoints: [entry],
      absWorkingDir: root,
      bundle: true,
      plugins: [partsAside],
      format: 'cjs',
      // so that a part can be read as latin1, which V8 loads fastest
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
    parts.set(nameOf(module), code)
  }
  return { main: await make('dist/bin/cephflex.js'), parts }
}

/** The same for Node.js, whose binary has one module. The parts are its assets, which a `require` of its own compiles. */
export async function oneModule({ main, parts }: Bundle): Promise<Bundle> {
  const loader = await transform(`require=(${requireParts})(require,(${compileAssets})(require));`, TARGET)
  const wrap = (code: string) => `(function(exports,require,module,__filename,__dirname){${code}\n})`
  return {
    main: loader.code + main,
    parts: new Map([...parts].map(([name, code]) => [name, wrap(code)])),
  }
}

/** Keeps the parts out of the main bundle, which requires them by name. */
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
