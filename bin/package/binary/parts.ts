/** Loads the parts of the packaged program. Runs inside the binary, and once during packaging. */

/** The subset of `require` that the parts use. */
export type Require = (id: string) => unknown

/** A compiled part: a CommonJS module wrapped in a function. */
export type Part = (
  exports: unknown,
  require: Require,
  module: { exports: unknown },
  file: string,
  dir: string,
) => void

/**
 * A `require` for the parts (`./NAME.js`) and the modules of Node.js. A part is compiled and run when it is first
 * required, so `init` loads none. The source text of this function goes into the binary: it must not use outer names.
 */
export function requireParts(builtin: Require, compile: (name: string) => Part): Require {
  const loaded: Record<string, { exports: unknown }> = {}
  function load(id: string): { exports: unknown } {
    const module = { exports: {} }
    loaded[id] = module
    compile(id.slice(2))(module.exports, require, module, id, '/')
    return module
  }
  function require(id: string): unknown {
    return id.startsWith('./') ? (loaded[id] ?? load(id)).exports : builtin(id)
  }
  return require
}

/**
 * Compiles a part that is an asset of the binary. V8 uses the code cache if it fits and otherwise silently ignores it,
 * unlike that of `useCodeCache`, which warns on stderr. The source text of this function goes into the binary, too.
 */
export function compileAssets(builtin: Require): (name: string) => Part {
  return name => {
    const { getRawAsset } = builtin('node:sea') as { getRawAsset: (key: string) => ArrayBuffer }
    const { Script } = builtin('node:vm') as typeof import('node:vm')
    const source = Buffer.from(getRawAsset(`parts/${name}`)).toString('latin1')
    let cachedData: Buffer | undefined
    try {
      cachedData = Buffer.from(getRawAsset(`parts/${name}.cache`))
    } catch {
      // there is no code cache for this processor
    }
    return new Script(
      source,
      cachedData ? { filename: name, cachedData } : { filename: name },
    ).runInThisContext()
  }
}
