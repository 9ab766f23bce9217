import { COMPAT_DIRECTORY, parseCompatResults } from '../src/core/compat.js'
import { fillReadme } from '../src/core/readme.js'
import { files } from '../src/system/files.js'

/** `npm run docs`: writes the tables of the README from the code and from what the suites have recorded. */
const results = files
  .list(COMPAT_DIRECTORY)
  .sort()
  .filter(name => name.endsWith('.json'))
  .map(name => parseCompatResults(files.read(`${COMPAT_DIRECTORY}/${name}`) ?? ''))
files.replace('README.md', fillReadme(files.read('README.md') ?? '', results))
