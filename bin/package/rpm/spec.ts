import type { Release } from '../release.js'
import type { Tree } from '../tree.js'

/**
 * Both binaries need this glibc or a newer one; that with Node.js needs the libraries of GCC. rpm would find the union of
 * what both need, and refuse the package where only one of them works.
 */
const REQUIRES = ['glibc >= 2.17', 'libgcc', 'libstdc++']

/**
 * Either client is enough, which only newer releases of rpm can express: the rpm of CentOS 7 refuses a package with
 * "(ceph-fuse or ceph-common)", and ignores what is only recommended. `install.sh` runs doctor, which names what is missing.
 */
const RECOMMENDS = ['ceph-fuse', 'ceph-common']

const POST = `
sh /usr/lib/cephflex/package.sh install || {
  cat >&2 <<TEXT
cephflex: the driver was not installed, see above. After fixing the problem, run: sh /usr/lib/cephflex/package.sh install
To use another directory, first add this line to /etc/sysconfig/cephflex:
CEPHFLEX_INSTALL_OPTIONS='--plugin-dir DIRECTORY'
TEXT
  exit 1
}`

/** $1 is 0 if the package is removed, 1 if it is replaced by another version. */
const PREUN = `
[ "$1" != 0 ] || exec sh /usr/lib/cephflex/package.sh uninstall`

/** The spec file of a package with these files, which are below the folder `tree`. */
export function spec(release: Release, files: Tree, tree: string): string {
  const { name, version, epoch, maintainer } = release
  const day = new Date(epoch * 1000).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) .*/, '$1 $3 $2 $4')
  return `Name: ${name}
Version: ${version}
Release: 1
Summary: Kubernetes FlexVolume driver for CephFS
License: Apache-2.0
Group: System Environment/Base
Packager: ${maintainer}
AutoReqProv: no
${REQUIRES.map(each => `Requires: ${each}`).join('\n')}
Requires(post): coreutils
Requires(preun): coreutils
${RECOMMENDS.map(each => `Recommends: ${each}`).join('\n')}

%description
cephflex mounts CephFS volumes into the pods of a Kubernetes node: with
ceph-fuse, and with the kernel client where FUSE cannot be used. The kubelet
runs it for every mount and unmount; no long-running daemon is installed.

This package puts the driver into the kubelet's plugin directory, which it
detects from the running kubelet, and deletes it there on removal. It has the
driver twice, with Bun and with Node.js, and installs the first that works on
the node. Both engines are included.

%install
cp -al ${tree}/. %{buildroot}

%post${POST}

%preun${PREUN}

%files
%defattr(-,root,root)
${fileList(name, Object.keys(files)).join('\n')}

%changelog
* ${day} ${maintainer} - ${version}-1
- /usr/share/doc/${name}/CHANGELOG.md lists the changes
`
}

function fileList(name: string, paths: readonly string[]): string[] {
  const kind = (path: string) => {
    // a link that package.sh makes
    if (path === `usr/lib/${name}/${name}`) return '%ghost '
    if (path.startsWith('usr/share/doc/') || path.startsWith('usr/share/man/')) return '%doc '
    return path.startsWith('usr/share/licenses/') ? '%license ' : ''
  }
  const directories = [`usr/lib/${name}`, `usr/share/doc/${name}`, `usr/share/licenses/${name}`]
  return [...directories.map(path => `%dir /${path}`), ...paths.map(path => `${kind(path)}/${path}`)]
}
