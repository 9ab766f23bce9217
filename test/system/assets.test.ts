import { readFileSync } from 'node:fs'
import t from 'tap'
import { assetFiles, assetNames, readAsset } from '../../src/system/assets.js'

t.ok(assetNames().includes('kubernetes/secret.yaml'), 'files in folders have names with slashes')
t.strictSame(assetNames(), assetNames().toSorted(), 'sorted, so that the binary is reproducible')
t.equal(
  readAsset('install.sh'),
  readFileSync('install.sh', 'utf8'),
  'install.sh is shipped from its own path',
)
for (const name of assetNames()) t.not(readAsset(name), '', `${name} can be read`)
t.throws(() => readAsset('../../package.json'), /no shipped file/, 'only shipped files can be read')
t.strictSame(Object.keys(assetFiles('/nonexistent')), ['install.sh'], 'no folder, no files')
