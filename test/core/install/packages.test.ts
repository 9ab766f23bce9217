import t from 'tap'
import { nodePackages } from '../../../src/core/install/packages.js'

const command = (osRelease: string, arch = 'x64', hasOnlyYum = false) => {
  const { installer, packages } = nodePackages(osRelease, arch, hasOnlyYum)
  return [...installer, ...packages].join(' ')
}

t.equal(command('ID=debian\n'), 'apt-get install -y ceph-fuse ceph-common')
t.equal(
  command('ID=debian\n', 'arm64'),
  'apt-get install -y ceph-common',
  'Debian has no ceph-fuse for arm64',
)
t.equal(command('ID=ubuntu\nID_LIKE=debian\n', 'arm64'), 'apt-get install -y ceph-fuse ceph-common')
t.equal(command('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), 'dnf install -y ceph-fuse ceph-common')
t.equal(command('ID="centos"\nID_LIKE="rhel fedora"\n', 'x64', true), 'yum install -y ceph-fuse ceph-common')
t.match(
  command('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n'),
  /^zypper --non-interactive install ceph-fuse/,
)
t.throws(() => command('ID=flatcar\n'), { code: 'EINSTALL', message: /\(flatcar\)/ })
t.throws(() => command(''), { code: 'EINSTALL' })
