import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import { type Arch, DEBIAN_ARCH } from '../binary/bases.js'
import { nodePackage } from '../node-package.js'
import { binaryName, type Release } from '../release.js'
import { cleanEnv, inFolder } from '../tools.js'
import { bytesOf, gzip, type Tree, within, writeTree } from '../tree.js'
import { debianChangelog } from './changelog.js'
import { control } from './control.js'

/**
 * Makes `cephflex_VERSION_ARCH.deb`, the same bytes each time, with dpkg-deb, which every Debian has. debhelper would
 * build from source; other packagers add formats that are not needed.
 *
 * @returns the file's name in `release.output`.
 */
export function makeDeb(release: Release, arch: Arch): string {
  const name = `${release.name}_${release.version}_${DEBIAN_ARCH[arch]}.deb`
  return inFolder(join(tmpdir(), 'cephflex-deb-'), work => {
    const tree = join(work, 'tree')
    const files = contents(release, arch)
    writeTree({ ...files, ...controlFiles(release, arch, files) }, tree, release.epoch)
    const made = join(work, name)
    // xz, since dpkg of Debian 11 cannot read zstd; a higher level saves 5 % and takes three times as long
    const args = ['--root-owner-group', '-Zxz', '-z1', '--build', tree, made]
    const env = cleanEnv({ SOURCE_DATE_EPOCH: String(release.epoch) })
    execaSync('dpkg-deb', args, { stdout: 'ignore', stderr: 'inherit', ...env })
    fs.moveSync(made, join(release.output, name))
    return name
  })
}

/** The files of the package. */
function contents(release: Release, arch: Arch): Tree {
  const { root, name } = release
  const changes = debianChangelog(fs.readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), release)
  const overrides = fs.readFileSync(join(root, 'bin/package/deb/debian/lintian-overrides'), 'utf8')
  return {
    ...nodePackage(release, arch, { units: 'lib/systemd/system', zsh: 'usr/share/zsh/vendor-completions' }),
    ...within(`usr/share/doc/${name}`, {
      copyright: { from: join(root, 'bin/package/deb/debian/copyright') },
      'README.Debian': { from: join(root, 'bin/package/deb/debian/README.Debian') },
      'changelog.gz': { text: gzip(changes) },
    }),
    [`usr/share/lintian/overrides/${name}`]: {
      text: overrides
        .replaceAll('NODE', binaryName(release, arch))
        .replaceAll('BUN', binaryName(release, arch, 'bun')),
    },
  }
}

function controlFiles(release: Release, arch: Arch, files: Tree): Tree {
  const scripts = ['postinst', 'prerm', 'postrm'].map(name => {
    const from = join(release.root, 'bin/package/deb/debian', `${name}.sh`)
    return [name, { from, mode: 0o755 }] as const
  })
  const md5 = (data: string | Buffer) => createHash('md5').update(data).digest('hex')
  let size = 0
  let sums = ''
  for (const [path, entry] of Object.entries(files).sort()) {
    if ('link' in entry) continue
    const data = bytesOf(entry)
    size += Math.ceil(data.length / 1024)
    sums += `${md5(data)}  ${path}\n`
  }
  const text = control(release, DEBIAN_ARCH[arch], size)
  return within('DEBIAN', { control: { text }, md5sums: { text: sums }, ...Object.fromEntries(scripts) })
}
