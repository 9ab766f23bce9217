import { randomBytes, randomUUID } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { cephConf } from '../../core/dev-cluster/conf.js'
import { cephKey, KEY_BYTES, keyringFiles } from '../../core/dev-cluster/keys.js'
import { monitorPorts, portBaseFrom, portsFrom } from '../../core/dev-cluster/ports.js'
import {
  type ClusterOptions,
  type ClusterSpec,
  checkDirectory,
  chooseAddress,
  confPath,
  DAEMON_NAMES,
  specPath,
} from '../../core/dev-cluster/spec.js'
import { CephflexError } from '../../core/errors.js'
import { files } from '../../system/files.js'
import { areFree } from '../../system/network/ports.js'
import { asyncFiles } from '../../system/programs.js'

const MGR_MODULES = '/usr/share/ceph/mgr'
const PORT_TRIES = 20

export type ClaimedDirectory = { spec: ClusterSpec; undo: () => Promise<void> }

/**
 * Reserves an empty or new directory for a cluster. From then on `undo` removes
 * its content, and the directory itself unless it existed before.
 *
 * @throws CephflexError ECLUSTER if the directory is in use or cannot be used; changes nothing then.
 */
export async function claimDirectory(directory: string, options: ClusterOptions): Promise<ClaimedDirectory> {
  const path = resolve(directory)
  // checks the real path, since parents may be links
  const parent = files.realPath(dirname(path))
  checkDirectory(
    files.realPath(path) ?? (parent ? resolve(parent, path.slice(dirname(path).length + 1)) : path),
  )
  const existed = files.kind(path) !== 'missing'
  const stop = `stop it first: cephflex dev-cluster stop ${directory}`
  if (files.kind(specPath(path)) !== 'missing') throw occupied(path, 'already contains a cluster', stop)
  if (files.list(path).length > 0) throw occupied(path, 'is not empty', 'choose a new or empty directory')
  await asyncFiles.ensureDir(path)
  const dir = files.realPath(path) ?? path
  const undo = async () => {
    await Promise.all(files.list(dir).map(name => asyncFiles.remove(`${dir}/${name}`)))
    if (!existed) files.removeDirectory(dir)
  }
  try {
    const spec = await newSpec(dir, options)
    files.create(specPath(dir), `${JSON.stringify(spec, undefined, 2)}\n`)
    return { spec, undo }
  } catch (error) {
    if (!existed) files.removeDirectory(dir) // only if it is empty: another start may have reserved it
    if (error instanceof CephflexError) throw error
    throw occupied(dir, 'already contains a cluster', stop)
  }
}

/** Writes all that the daemons read: directories (0700), configuration and keyrings (0600). */
export async function writeClusterFiles(spec: ClusterSpec): Promise<void> {
  const { dir } = spec
  const nowS = Math.floor(Date.now() / 1000)
  for (const name of [...DAEMON_NAMES, 'run', 'log']) await asyncFiles.ensureDir(`${dir}/${name}`)
  const keyrings = keyringFiles(() => cephKey(randomBytes(KEY_BYTES), nowS))
  const texts = { ...keyrings, [confPath('.').slice(2)]: cephConf(spec, files.list(MGR_MODULES)) }
  for (const [name, text] of Object.entries(texts)) files.create(`${dir}/${name}`, text)
}

function occupied(dir: string, why: string, hint: string) {
  return new CephflexError('ECLUSTER', `${dir} ${why}`, { hint })
}

async function newSpec(dir: string, options: ClusterOptions): Promise<ClusterSpec> {
  const address = chooseAddress(options, randomBytes(3))
  const portBase = await freePortBase(address)
  const { store, mgr, secondFs } = options
  return {
    dir,
    fsid: randomUUID(),
    address,
    ...monitorPorts(address, portBase),
    portBase,
    store,
    mgr,
    secondFs,
  }
}

async function freePortBase(address: string): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const base = portBaseFrom(randomBytes(2))
    if (await areFree(address, portsFrom(base))) return base
  }
  throw new CephflexError('ECLUSTER', `no free ports on ${address}`, {
    hint: 'check that this address can be used',
  })
}
