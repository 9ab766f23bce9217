import * as fs from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import t from 'tap'
import '../support/coverage.js'

const ARM64 = 'data:text/javascript,Object.defineProperty(process,"arch",{value:"arm64"})'

const NODE = `${process.execPath} --experimental-vm-modules --disable-warning=ExperimentalWarning`
const PROGRAM = process.env['CEPHFLEX_BUNDLED']
  ? await bundled()
  : resolve('dist/test/lab/checkout/cephflex.js')

/** How to start the program of this checkout; in a test that imports bundled.js first, one file made of it. */
export const COMMAND = `${NODE} ${PROGRAM}`

/**
 * A branch of `case $1 in` that makes a shell script usable as a binary for install.sh: for `install`, it runs the
 * program of this checkout, with the script as the file to install. If the name of the script has arm64 in it, the
 * program sees that architecture. It starts as it is, without the module that tap makes each Node load (test/support/coverage.ts).
 */
export const HANDOVER = `install)
    shift
    unset NODE_OPTIONS
    case $0 in *arm64*) set -- install --binary "$0" "$@"; exec ${NODE} --import '${ARM64}' ${PROGRAM} "$@" ;; esac
    exec ${COMMAND} install --binary "$0" "$@" ;;`

/** In the folder of this test: the program finds its shipped files three folders above itself. */
async function bundled(): Promise<string> {
  const outfile = resolve(`dist/test/install/program-${process.pid}.mjs`)
  t.teardown(() => fs.rmSync(outfile))
  delete process.env['NODE_V8_COVERAGE']
  await build({
    entryPoints: ['dist/bin/cephflex.js'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // CommonJS modules inside it load Node's own
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  return outfile
}
