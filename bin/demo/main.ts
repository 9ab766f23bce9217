import { fileURLToPath } from 'node:url'
import { streams } from '../../src/cli/terminal/command-io.js'
import { demo } from './demo.js'

/** `npm run demo`; bin/demo/demo.sh has made sure that everything is there. */
process.exitCode = await demo(fileURLToPath(new URL('../cephflex.js', import.meta.url)), streams())
