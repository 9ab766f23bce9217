// The operations of the Python programs and their types in TypeScript: the same names, the same fields.
import t from 'tap'
import type { CephFsOperation, CephFsOperations } from '../../src/core/ceph/cephfs-operations.js'
import type { RadosOperation, RadosOperations } from '../../src/core/ceph/rados-operations.js'
import { readAsset } from '../../src/system/assets.js'

/** Does not compile if a name is missing or unknown. */
type Names<Fields> = Record<keyof Fields, true>

const cephfs: { [Op in CephFsOperation]: Names<CephFsOperations[Op]['fields']> } = {
  connect: { user: true, settings: true, name: true, ranks: true, root: true, lease: true, create: true },
  look: { paths: true, names: true },
  list: { path: true, names: true },
  purge: { path: true, seconds: true },
  survey: { path: true, mark: true, seconds: true },
  parents: { path: true },
  mkdir: { path: true, mode: true },
  rmdir: { path: true },
  rename: { old: true, new: true },
  symlink: { path: true, target: true },
  unlink: { path: true },
  chmod: { path: true, mode: true },
  set: { path: true, name: true, value: true },
  unset: { path: true, name: true },
}

const rados: { [Op in RadosOperation]: Names<RadosOperations[Op]> } = {
  configure: { settings: true },
  connect: {},
  mon: { command: true, input: true },
  mgr: { command: true, input: true },
}

t.strictSame(sorted(cephfs), sorted(operationsOf('cephfs_session')), 'cephfs_session.py')
t.strictSame(sorted(rados), sorted(operationsOf('rados_session')), 'rados_session.py')

/** The operations of a program: the rows of its OPERATIONS, with the parameters of their functions. */
function operationsOf(program: string): Record<string, Record<string, true>> {
  const [, rows = ''] = /^OPERATIONS = \{\n(.*?)^\}/ms.exec(readAsset(`python/${program}.py`)) ?? []
  return Object.fromEntries(
    [...rows.matchAll(/^ +'(\w+)': (\w+)\.(\w+),$/gm)].map(([, op = '', owner = '', name = '']) => [
      op,
      Object.fromEntries(parametersOf(owner === 'Session' ? program : owner, name).map(each => [each, true])),
    ]),
  )
}

/** The parameters of a function, without the client that the program itself passes. */
function parametersOf(module: string, name: string): string[] {
  const source = readAsset(`python/${module}.py`)
  const [, parameters] = new RegExp(`^ *def ${name}\\(([^)]*)\\):$`, 'm').exec(source) ?? []
  if (parameters === undefined) throw new Error(`${module}.py has no function ${name}`)
  return parameters.split(', ').filter(each => !['self', 'fs'].includes(each))
}

function sorted(operations: Record<string, Record<string, true>>): unknown {
  const entries = Object.entries(operations).map(([op, fields]) => [op, Object.keys(fields).sort()])
  return Object.fromEntries(entries.sort())
}
