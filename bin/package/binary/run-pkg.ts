/**
 * Runs pkg's SEA mode: `node run-pkg.js ARCH OUTPUT ASSETS.json`, in the parent of pkg's temporary folder. It needs
 * exactly the Node.js version of the binary: the layout of the blob changes between patch versions.
 */
import { readFileSync } from 'node:fs'
import sea from '@yao-pkg/pkg/lib-es5/sea.js'

const [arch, output, assetsFile] = process.argv.slice(2) as ['x64' | 'arm64', string, string]

/** Settings of Node.js, which pkg passes on, although its type has only three of them. */
const seaConfig = {
  // relative to pkg's temporary folder: the blob records this path, which must not depend on the machine
  main: '../main.cjs',
  assets: JSON.parse(readFileSync(assetsFile, 'utf8')) as Record<string, string>,
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  // this cache warns on stderr when V8 refuses it; the parts have their own, which does not
  useCodeCache: false,
  // in MB, enough for a whole call: V8's default of 1 is full after reading the code cache, which starts the collector
  execArgv: ['--no-warnings', '--min-semi-space-size=4'],
  // NODE_OPTIONS and --node-options must not affect a program that the kubelet runs as root
  execArgvExtension: 'none',
}

const nodeRange = `node${process.versions.node}`
const target = { platform: 'linux', arch, nodeRange, output } as const
await sea.default('main.cjs', { targets: [target], seaConfig })
