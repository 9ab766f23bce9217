import { execaSync } from 'execa'
import { uuidOfHash } from '../../src/core/text/uuid.js'
import { isEngine } from './binary/bases.js'
import { sha256 } from './tools.js'

type Bom = {
  serialNumber?: string
  metadata: { timestamp?: string; component: { name: string; version: string } }
  components: { name: string; scope?: string }[]
}

/**
 * The software bill of materials of the binaries as CycloneDX JSON. npm makes it from the lock file, without
 * development dependencies. The bytes are the same each time: no timestamp, and a serial number derived from the content.
 */
export function billOfMaterials(root: string, name: string): string {
  const args = [
    'sbom',
    '--sbom-format=cyclonedx',
    '--sbom-type=application',
    '--omit=dev',
    '--package-lock-only',
  ]
  const { stdout } = execaSync('npm', [...args, '--loglevel=error'], { cwd: root })
  const bom = JSON.parse(stdout) as Bom
  delete bom.metadata.timestamp
  delete bom.serialNumber
  // npm uses the name of the checkout's folder
  bom.metadata.component.name = name
  for (const component of bom.components) {
    // optional for npm, since each is for one processor; but each binary contains one of them
    if (isEngine(component.name)) component.scope = 'required'
  }
  return `${JSON.stringify({ ...bom, serialNumber: `urn:uuid:${uuidOfHash(sha256(JSON.stringify(bom)))}` }, null, 2)}\n`
}
