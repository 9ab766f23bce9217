import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { libraryFile } from './library-file.js'

/**
 * Runs a module of dist, and all it imports, each from its own file and with its own URL: so stack traces, coverage and
 * `import.meta` are those of the file. Only libraries are bundles (`libraries.ts`).
 */
export async function loadModule(url: URL): Promise<void> {
  await evaluated(moduleOf(fileURLToPath(url)))
}

const modules = new Map<string, vm.Module>()

/** The module with a path or a name of Node's own. */
function moduleOf(id: string): vm.Module {
  const module = modules.get(id) ?? (id.startsWith('/') ? fileModule(id) : builtinModule(id))
  modules.set(id, module)
  return module
}

function fileModule(path: string): vm.Module {
  const url = pathToFileURL(path).href
  const text = readFileSync(path, 'utf8')
  // not another length: coverage has offsets
  return new vm.SourceTextModule(text.replace(/^#!/, '//'), {
    identifier: url,
    initializeImportMeta: meta => {
      meta.url = url
    },
    importModuleDynamically: name => evaluated(moduleOf(idOf(name, path))),
  })
}

function builtinModule(name: string): vm.Module {
  const builtin = builtinOf(name) as Record<string, unknown>
  const names = Object.keys(builtin).filter(key => key !== 'default')
  return new vm.SyntheticModule(
    ['default', ...names],
    function () {
      this.setExport('default', builtin)
      for (const key of names) this.setExport(key, builtin[key])
    },
    { identifier: name },
  )
}

function builtinOf(name: string): object | undefined {
  return process.getBuiltinModule(name)
}

function idOf(name: string, importer: string): string {
  if (name.startsWith('.')) return resolve(dirname(importer), name)
  return builtinOf(name) ? name : libraryFile(name)
}

/** One after the other: a module that is being linked cannot be linked for another one. */
let linking = Promise.resolve()

async function evaluated(module: vm.Module): Promise<vm.Module> {
  linking = linking.then(async () => {
    if (module.status === 'unlinked')
      await module.link((name, { identifier }) => moduleOf(idOf(name, fileURLToPath(identifier))))
  })
  await linking
  await module.evaluate()
  return module
}
