import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import { type Arch, DEBIAN_ARCH } from '../binary/bases.js'
import { binaryName, installation, type Release } from '../release.js'
import { cleanEnv, inFolder } from '../tools.js'
import { bytesOf, gzip, type Tree, writeTree } from '../tree.js'
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

/** The package does not enable them. An operator does: "systemctl enable --now cephflex-recover.timer". */
const UNITS = ['recover', 'reap'].flatMap(name => [`cephflex-${name}.service`, `cephflex-${name}.timer`])

/** The files of the package. install.sh copies the driver from usr/lib to the kubelet's plugin directory. */
function contents(release: Release, arch: Arch): Tree {
  const { root, name } = release
  const doc = `usr/share/doc/${name}`
  const changes = debianChangelog(fs.readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), release)
  const overrides = fs.readFileSync(join(root, 'bin/package/deb/debian/lintian-overrides'), 'utf8')
  return {
    ...within(`usr/lib/${name}`, installation(release, arch)),
    ...Object.fromEntries(
      UNITS.map(unit => [`lib/systemd/system/${unit}`, { from: join(root, 'src/assets/systemd', unit) }]),
    ),
    [`usr/bin/${name}`]: { link: `../lib/${name}/${binaryName(release, arch)}` },
    [`${doc}/copyright`]: { from: join(root, 'bin/package/deb/debian/copyright') },
    [`${doc}/README.Debian`]: { from: join(root, 'bin/package/deb/debian/README.Debian') },
    [`${doc}/README.md.gz`]: { text: gzip(fs.readFileSync(join(root, 'README.md'))) },
    [`${doc}/changelog.gz`]: { text: gzip(changes) },
    [`${doc}/third-party-licenses.txt.gz`]: { text: gzip(release.licenses[arch]) },
    [`usr/share/man/man1/${name}.1.gz`]: { text: gzip(fs.readFileSync(join(root, 'src/assets/cephflex.1'))) },
    [`usr/share/bash-completion/completions/${name}`]: { text: completion(release, 'bash') },
    [`usr/share/zsh/vendor-completions/_${name}`]: { text: completion(release, 'zsh') },
    [`usr/share/fish/vendor_completions.d/${name}.fish`]: { text: completion(release, 'fish') },
    [`usr/share/lintian/overrides/${name}`]: {
      text: overrides.replaceAll('PROGRAM', binaryName(release, arch)),
    },
  }
}

/** The output of `cephflex completion SHELL`. */
function completion(release: Release, shell: string): string {
  const args = [join(release.root, 'dist/bin/cephflex.js'), 'completion', shell]
  return execaSync(process.execPath, args, { stripFinalNewline: false }).stdout
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

function within(folder: string, tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, entry]) => [`${folder}/${path}`, entry]))
}
