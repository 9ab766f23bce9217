# shellcheck shell=sh
# Debian packages of any release and architecture without touching the system's apt. To be sourced by sh or bash:
#   apt_in FOLDER SUITE ARCH ARG...        apt-get with lists, status and settings of its own, kept in FOLDER
#   fetch_debs FOLDER SUITE ARCH PACKAGE...  downloads packages with all they depend on; prints the paths
#   unpack_debs ROOT DEB...                unpacks packages into ROOT; no script of theirs is run
# FOLDER is absolute. SUITE is a code name (bullseye, bookworm, trixie, forky); its -updates and -security are used too, where they exist.
# Mirrors are those of this machine, and so are proxies and time limits. Everything is
# checked with the machine's keyring, or, if a release is newer than that, with the keyring package of this machine's
# own release, which is checked with the machine's keyring.

# The release of this machine: its code name.
machine_suite() (
  # shellcheck source=/dev/null
  . /etc/os-release
  echo "${VERSION_CODENAME:?this machine does not name its release}"
)

# debian_mirror SUITE [DEFAULT]: the address from which this machine gets SUITE
debian_mirror() (
  # shellcheck disable=SC2016 # apt fills these in
  configured=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 2>/dev/null | sed -n "s|^$1 ||p" | head -n 1)
  configured=${configured:-${2-}}
  [ "$configured" ] || { echo "apt has no source for $1 on this machine: add one, then run apt-get update" >&2; exit 1; }
  echo "${configured%/}"
)

# One apt in a folder of its own. apt_raw STATE ARCH ARG...
apt_raw() (
  state=$1 arch=$2
  shift 2
  # APT_CONFIG is read before the machine's files, which are left out: their hooks would work on the system
  APT_CONFIG=$state/apt.conf apt-get -qq -o APT::Architecture="$arch" -o APT::Architectures="$arch" "$@" >&2
)

# make_apt STATE SUITE ARCH KEYRING
make_apt() (
  own=$(machine_suite)
  main=$(debian_mirror "$own")
  security=$(debian_mirror "$own-security" "$main-security")
  mkdir -p "$1/lists/partial" "$1/archives/partial"
  : >"$1/status"
  {
    apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets'
    cat <<CONF
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "$1/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$1";
Dir::State::status "$1/status";
Dir::Cache "$1";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
CONF
  } >"$1/apt.conf"
  echo "deb [signed-by=$4] $main $2 main" >"$1/sources.list"
  for entry in "$main $2-updates" "$security $2-security"; do
    # not every release has them; whether one can be used is apt's to judge, below
    if APT_CONFIG=$1/apt.conf /usr/lib/apt/apt-helper download-file \
      "${entry% *}/dists/${entry#* }/InRelease" "$1/probe" >/dev/null 2>&1; then
      echo "deb [signed-by=$4] $entry main" >>"$1/sources.list"
    fi
    rm -f "$1/probe"
  done
)

apt_in() (
  state=$1/apt-$2-$3
  if [ ! -e "$state/ready" ]; then
    system_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    make_apt "$state" "$2" "$3" "$system_keyring"
    if ! apt_raw "$state" "$3" update 2>"$state/update.log"; then
      newer_keyring "$1" "$system_keyring" || exit
      rm -rf "$1/apt-$2-$3"
      make_apt "$1/apt-$2-$3" "$2" "$3" "$1/keyring/usr/share/keyrings/debian-archive-keyring.gpg"
      apt_raw "$1/apt-$2-$3" "$3" update || exit
    fi
    : >"$1/apt-$2-$3/ready"
  fi
  where=$1/apt-$2-$3 which=$3 suite=$2
  shift 3
  case ${1-} in
    update) ;; # done above: the lists are as old as the folder
    *)
      apt_raw "$where" "$which" "$@" && exit
      # a mirror may name a security update that it has no longer
      echo "apt_in: trying again without the updates of $suite: $*" >&2
      apt_raw "$where" "$which" -o APT::Default-Release="$suite" "$@"
      ;;
  esac
)

# newer_keyring FOLDER KEYRING: the newest keyring that this machine's own release has, into FOLDER/keyring
newer_keyring() (
  [ ! -e "$1/keyring" ] || exit 0
  own=$(machine_suite)
  machine=$(dpkg --print-architecture)
  make_apt "$1/apt-keyring" "$own" "$machine" "$2"
  apt_raw "$1/apt-keyring" "$machine" update || exit
  (cd "$1/apt-keyring" && apt_raw "$1/apt-keyring" "$machine" download debian-archive-keyring) || exit
  dpkg -x "$1"/apt-keyring/debian-archive-keyring_*.deb "$1/keyring"
)

fetch_debs() (
  folder=$1 suite=$2 architecture=$3
  shift 3
  apt_in "$folder" "$suite" "$architecture" install -y --no-install-recommends --download-only "$@" || exit
  find "$folder/apt-$suite-$architecture/archives" -maxdepth 1 -name '*.deb'
)

unpack_debs() (
  root=$1
  shift
  # /bin and the like are links into /usr, as on every Debian since 12
  for directory in bin sbin lib lib64; do
    mkdir -p "$root/usr/$directory"
    [ -e "$root/$directory" ] || ln -s "usr/$directory" "$root/$directory"
  done
  for deb in "$@"; do
    # links stay links, whatever the package calls the folder
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root" || exit
  done
)
