import { resolve } from 'node:path'
import '../support/coverage.js'

const ARM64 = 'data:text/javascript,Object.defineProperty(process,"arch",{value:"arm64"})'

/**
 * A branch of `case $1 in` that makes a shell script a binary for install.sh: asked to install, it is the program of this
 * checkout with itself as the file to install. Under the name of the binary for arm64 it believes to be one.
 */
export const HANDOVER = `install)
    shift
    case $0 in *arm64) set -- install --binary "$0" "$@"; exec ${process.execPath} --import '${ARM64}' ${program()} "$@" ;; esac
    exec ${process.execPath} ${program()} install --binary "$0" "$@" ;;`

function program(): string {
  return resolve('dist/bin/cephflex.js')
}
