import { join } from 'node:path'
import { execaSync } from 'execa'
import fs from 'fs-extra'
import type { Arch } from './binary/bases.js'
import { installation, type Release, SBOM } from './release.js'
import { gzip, type Tree, within } from './tree.js'

/** Where a distribution has some kinds of files. */
export type Places = { units: string; zsh: string }

/** The package does not enable them. An operator does: "systemctl enable --now cephflex-recover.timer". */
const UNITS = ['recover', 'reap'].flatMap(name => [`cephflex-${name}.service`, `cephflex-${name}.timer`])

/**
 * The files that the Debian and the RPM package have in common. install.sh copies the driver from usr/lib to the kubelet's
 * plugin directory. usr/bin has a link to the link that package.sh makes to the binary that works on the node.
 */
export function nodePackage(release: Release, arch: Arch, { units, zsh }: Places): Tree {
  const { root, name, output } = release
  const packed = (path: string) => ({ text: gzip(fs.readFileSync(path)) })
  return {
    ...within(`usr/lib/${name}`, {
      ...installation(release, arch),
      'package.sh': { from: join(root, 'bin/package/package.sh'), mode: 0o755 },
    }),
    [`usr/bin/${name}`]: { link: `../lib/${name}/${name}` },
    ...Object.fromEntries(
      UNITS.map(unit => [`${units}/${unit}`, { from: join(root, 'src/assets/systemd', unit) }]),
    ),
    ...within(`usr/share/doc/${name}`, {
      'README.md.gz': packed(join(root, 'README.md')),
      'third-party-licenses.txt.gz': { text: gzip(release.licenses[arch]) },
      [`${SBOM}.gz`]: packed(join(output, SBOM)),
    }),
    [`usr/share/man/man1/${name}.1.gz`]: packed(join(root, 'src/assets/cephflex.1')),
    [`usr/share/bash-completion/completions/${name}`]: { text: completion(release, 'bash') },
    [`${zsh}/_${name}`]: { text: completion(release, 'zsh') },
    [`usr/share/fish/vendor_completions.d/${name}.fish`]: { text: completion(release, 'fish') },
  }
}

/** The output of `cephflex completion SHELL`. */
function completion(release: Release, shell: string): string {
  const args = [join(release.root, 'dist/bin/cephflex.js'), 'completion', shell]
  return execaSync(process.execPath, args, { stripFinalNewline: false }).stdout
}
