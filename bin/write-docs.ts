import { fillReadme } from '../src/core/readme.js'
import { files } from '../src/system/files.js'

/** `npm run docs`: writes the tables of the README from the code. */
files.replace('README.md', fillReadme(files.read('README.md') ?? ''))
