/** `child.js ROOT OUTPUT PACKAGER...`: makes packages in an empty folder and prints their names. */
import { makePackages, type Packager } from './package.js'

const [root = '', output = '', ...packagers] = process.argv.slice(2)
try {
  await makePackages(root, output, packagers as Packager[], line => process.stdout.write(`${line}\n`))
} catch (error) {
  process.stderr.write(`package: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
