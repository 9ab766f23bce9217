import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { libraryFile } from './library-file.js'

/**
 * Part of `npm run build`: bundles the libraries with many modules, each of which Node's loader needs 1 ms of processor
 * time for. Those of the program are for `modules.ts`, and tap, with 257 modules, is for the tests, which find it in
 * dist/node_modules.
 */
const TAP = 'dist/node_modules/tap'
/** Below a name that tap leaves out of the stack traces of failed tests. */
const TAP_BUNDLE = 'dist/node_modules/@tapjs/bundle/index.js'

const texts = ['bin/cephflex.js', ...filesBelow('src')].map(name => readFileSync(`dist/${name}`, 'utf8'))
const libraries = new Set(texts.flatMap(importsOf).filter(name => !name.startsWith('node:')))
await Promise.all([
  ...[...libraries].map(async name => bundle(await neededExports(name), libraryFile(name))),
  bundle(allOf('tap'), TAP_BUNDLE),
])
mkdirSync(TAP, { recursive: true })
writeFileSync(`${TAP}/index.js`, allOf('../@tapjs/bundle/index.js'))
writeFileSync(`${TAP}/package.json`, '{ "type": "module", "exports": "./index.js" }\n')

function filesBelow(folder: string): string[] {
  const names = readdirSync(`dist/${folder}`, { recursive: true, encoding: 'utf8' })
  return names.filter(name => name.endsWith('.js')).map(name => `${folder}/${name}`)
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/^import .*? from '([^.'][^']*)'/gms)].map(([, name = '']) => name)
}

/** Only the exports that a file with an import of the library mentions: zod has texts in 50 languages. */
async function neededExports(library: string): Promise<string> {
  const users = texts.filter(text => importsOf(text).includes(library))
  const words = new Set(['default', ...users.flatMap(namesIn)])
  const names = Object.keys((await import(library)) as object).filter(name => words.has(name))
  return `export { ${names.join(', ')} } from '${library}'`
}

/** What a file imports by name, and the names of all properties it uses, among them those of `import * as`. */
function namesIn(text: string): string[] {
  const found = [...text.matchAll(/^import \{[^}]*\}|\.\w+/gm)]
  return found.flatMap(([match]) => match.match(/\w+/g) ?? [])
}

function allOf(module: string): string {
  return `export * from '${module}'\nexport { default } from '${module}'\n`
}

/** CommonJS modules in it load Node's own. */
async function bundle(contents: string, outfile: string): Promise<void> {
  await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire as cjs } from 'node:module'; const require = cjs(import.meta.url);",
    },
    outfile,
    logLevel: 'error',
  })
}
