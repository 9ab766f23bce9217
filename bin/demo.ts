import { fileURLToPath } from 'node:url'
import { streams } from '../src/cli/command-io.js'
import { demo } from '../src/cli/demo/demo.js'

/** `npm run demo`; bin/demo.sh has made sure that everything is there. */
process.exitCode = await demo(fileURLToPath(new URL('cephflex.js', import.meta.url)), streams())
