import { arch as machine } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import { type Arch, DEBIAN_ARCH } from '../binary/bases.js'
import type { Tree } from '../tree.js'

/** The tools of the image: Debian's static busybox, and a link for each of its applets. */
export function busybox(arch: Arch): { tree: Tree; version: string } {
  const folder = fetch(arch)
  const version = read(folder, 'version')
  const runnable = fetch(machine() as Arch)
  // the list comes from the one that runs on this machine; both have the same source and configuration
  if (read(runnable, 'version') !== version)
    throw new Error(
      `busybox-static differs: ${version} in ${folder}, another in ${runnable}; remove both folders`,
    )
  const applets = execaSync(join(runnable, 'bin/busybox'), ['--list'], { lines: true }).stdout
  const tree: Tree = {
    'bin/busybox': { from: join(folder, 'bin/busybox'), mode: 0o755 },
    'usr/share/doc/busybox/copyright': { from: join(folder, 'usr/share/doc/busybox-static/copyright') },
  }
  for (const applet of applets) if (applet !== 'busybox') tree[`bin/${applet}`] = { link: 'busybox' }
  return { tree, version }
}

function fetch(arch: Arch): string {
  const script = join(import.meta.dirname, '../../../../bin/package/image/busybox.sh')
  return execaSync('sh', [script, DEBIAN_ARCH[arch]], { stderr: 'inherit' }).stdout
}

function read(folder: string, name: string): string {
  return fs.readFileSync(join(folder, name), 'utf8').trim()
}
