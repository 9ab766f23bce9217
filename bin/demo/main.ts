import { fileURLToPath } from 'node:url'
import { streams } from '../../src/cli/terminal/command-io.js'
import { demo } from './demo.js'

/** The demo; bin/demo/demo.sh installs and builds what it needs. */
process.exitCode = await demo(fileURLToPath(new URL('../cephflex.js', import.meta.url)), streams())
