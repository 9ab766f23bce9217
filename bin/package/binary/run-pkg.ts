/**
 * Runs pkg's SEA mode: `node run-pkg.js ARCH OUTPUT ASSETS.json`, in the folder above pkg's temporary one. It must
 * run under the very Node that the binary is made of: the blob's layout changes between patch versions.
 */
import { readFileSync } from 'node:fs'
import sea from '@yao-pkg/pkg/lib-es5/sea.js'

const [arch, output, assetsFile] = process.argv.slice(2) as ['x64' | 'arm64', string, string]

/** Node's own settings; pkg passes them on, though its type names only three. */
const seaConfig = {
  // relative to pkg's temporary folder: the blob records this path, and it must not name a machine's folders
  main: '../main.cjs',
  assets: JSON.parse(readFileSync(assetsFile, 'utf8')) as Record<string, string>,
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  // this cache complains on stderr when V8 refuses it; the parts bring their own, which does not
  useCodeCache: false,
  // MB of room for all that a call makes: the 1 of V8 is full once the code cache is read, and is then cleared up
  execArgv: ['--no-warnings', '--min-semi-space-size=4'],
  // NODE_OPTIONS and --node-options are for people who run Node, not for a root program of the kubelet
  execArgvExtension: 'none',
}

const nodeRange = `node${process.versions.node}`
const target = { platform: 'linux', arch, nodeRange, output } as const
await sea.default('main.cjs', { targets: [target], seaConfig })
