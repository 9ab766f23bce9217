import { resolve } from 'node:path'
import '../support/coverage.js'

const ARM64 = 'data:text/javascript,Object.defineProperty(process,"arch",{value:"arm64"})'

/**
 * A branch of `case $1 in` that makes a shell script usable as a binary for install.sh: for `install`, it runs the
 * program of this checkout, with the script as the file to install. If the name of the script ends in arm64, the program
 * sees that architecture.
 */
export const HANDOVER = `install)
    shift
    case $0 in *arm64) set -- install --binary "$0" "$@"; exec ${process.execPath} --import '${ARM64}' ${program()} "$@" ;; esac
    exec ${process.execPath} ${program()} install --binary "$0" "$@" ;;`

function program(): string {
  return resolve('dist/bin/cephflex.js')
}
