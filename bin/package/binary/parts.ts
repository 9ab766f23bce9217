/** The parts of the packaged program: how one finds another. Runs inside the binary, and once while it is made. */

/** `require`, as far as the parts use it. */
export type Require = (id: string) => unknown

/** One part, compiled: a CommonJS module wrapped in a function. */
export type Part = (
  exports: unknown,
  require: Require,
  module: { exports: unknown },
  file: string,
  dir: string,
) => void

/**
 * A `require` that knows the parts (`./NAME.js`) beside Node's own modules. A part is compiled and run once, when it
 * is first asked for, so that `init` pays for none. Its source text goes into the binary: it may use nothing outside.
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
 * Compiles a part kept as an asset of the binary. V8 takes the code cache if it fits and otherwise ignores it without
 * a word, unlike the one of `useCodeCache`, which warns on stderr. Its source text goes into the binary, too.
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
      // made without a code cache for this processor
    }
    return new Script(
      source,
      cachedData ? { filename: name, cachedData } : { filename: name },
    ).runInThisContext()
  }
}
