import { testRelease } from './matrix.js'

await testRelease('bullseye')
