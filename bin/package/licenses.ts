import { dirname, join } from 'node:path'
import fs from 'fs-extra'
import type { Base } from './binary/bases.js'

/** The licence texts of the third-party parts of a binary: Node.js, then the npm packages by name. */
export function thirdPartyLicenses(root: string, base: Base, components: { name: string }[]): string {
  const node = fs.readFileSync(join(dirname(base.node), '../LICENSE'), 'utf8')
  const texts = [section(`Node.js ${base.version}`, node)]
  for (const name of new Set(components.map(component => component.name).sort())) {
    if (name.startsWith('node-linux-')) continue
    texts.push(section(name, licenseOf(join(root, 'node_modules', name))))
  }
  return texts.join('\n')
}

function licenseOf(folder: string): string {
  const files = fs.existsSync(folder) ? fs.readdirSync(folder) : []
  const file = files.find(name => /^licen[cs]e/i.test(name))
  if (!file) throw new Error(`${folder} has no licence file: the binary must carry one; run npm ci`)
  return fs.readFileSync(join(folder, file), 'utf8')
}

function section(name: string, text: string): string {
  return `${'='.repeat(80)}\n${name}\n${'='.repeat(80)}\n\n${text.trim()}\n`
}
