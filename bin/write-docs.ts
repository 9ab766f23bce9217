import { streams } from '../src/cli/command-io.js'
import { describe } from '../src/cli/describe.js'
import { manual } from '../src/cli/manual.js'
import { buildProgram } from '../src/cli/program.js'
import { COMPAT_DIRECTORY, parseCompatResults } from '../src/core/compat.js'
import { fillReadme } from '../src/core/readme.js'
import { files } from '../src/system/files.js'

/** `npm run docs`: writes the tables of the README and the manual page from the code and from what the suites have recorded. */
const results = files
  .list(COMPAT_DIRECTORY)
  .sort()
  .filter(name => name.endsWith('.json'))
  .map(name => parseCompatResults(files.read(`${COMPAT_DIRECTORY}/${name}`) ?? ''))
files.replace('README.md', fillReadme(files.read('README.md') ?? '', results))
files.replace('src/assets/cephflex.1', manual('cephflex', describe(buildProgram(streams()))))
