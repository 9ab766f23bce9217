import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import type { Arch } from '../binary/bases.js'
import { nodePackage } from '../node-package.js'
import { binaryName, type Release } from '../release.js'
import { cleanEnv, inFolder } from '../tools.js'
import { type Tree, writeTree } from '../tree.js'
import { spec } from './spec.js'

/** The names of the processors in RPM. */
const RPM_ARCH = { x64: 'x86_64', arm64: 'aarch64' } as const

/**
 * Settings of rpmbuild. The rpm of CentOS 7, 4.11, reads xz and SHA-256, but no zstd. Level 1, as in the Debian package.
 * The binaries stay as they are: strip would remove the part that makes them this program.
 */
const MACROS = {
  _binary_payload: 'w1.xzdio',
  _binary_filedigest_algorithm: '8',
  _buildhost: 'localhost',
  _build_id_links: 'none',
  use_source_date_epoch_as_buildtime: '1',
  clamp_mtime_to_source_date_epoch: '1',
  source_date_epoch_from_changelog: '0',
  debug_package: '%{nil}',
  __os_install_post: '%{nil}',
} as const

/**
 * Makes `cephflex-VERSION-1.ARCH.rpm`, the same bytes each time, with the rpmbuild of Debian, also for the other processor.
 *
 * @returns the file's name in `release.output`.
 */
export function makeRpm(release: Release, arch: Arch): string {
  const name = `${release.name}-${release.version}-1.${RPM_ARCH[arch]}.rpm`
  return inFolder(join(tmpdir(), 'cephflex-rpm-'), work => {
    const files = contents(release, arch)
    const tree = join(work, 'tree')
    writeTree(files, tree, release.epoch)
    fs.writeFileSync(join(work, 'cephflex.spec'), spec(release, files, tree))
    const macros = { ...MACROS, _topdir: work, _tmppath: work, _rpmdir: work, _build_name_fmt: name }
    const defines = Object.entries(macros).flatMap(([macro, value]) => ['--define', `${macro} ${value}`])
    const args = ['-bb', '--quiet', '--target', `${RPM_ARCH[arch]}-linux`, ...defines, 'cephflex.spec']
    const env = cleanEnv({ HOME: work, SOURCE_DATE_EPOCH: String(release.epoch), LC_ALL: 'C' })
    execaSync('rpmbuild', args, { cwd: work, ...env })
    fs.moveSync(join(work, name), join(release.output, name))
    return name
  })
}

function contents(release: Release, arch: Arch): Tree {
  const { root, name } = release
  const places = { units: 'usr/lib/systemd/system', zsh: 'usr/share/zsh/site-functions' }
  return {
    ...nodePackage(release, arch, places),
    [`usr/lib/${name}/${name}`]: { link: binaryName(release, arch, 'bun') },
    [`usr/share/doc/${name}/README.rpm`]: { from: join(root, 'bin/package/rpm/README.rpm') },
    [`usr/share/doc/${name}/CHANGELOG.md`]: { from: join(root, 'CHANGELOG.md') },
    [`usr/share/licenses/${name}/LICENSE`]: { from: join(root, 'LICENSE') },
  }
}
