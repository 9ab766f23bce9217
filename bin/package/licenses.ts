import { join } from 'node:path'
import fs from 'fs-extra'
import { type Base, engineLicense, isEngine } from './binary/bases.js'

/** The licence texts of the third-party parts of the binaries: the engines, then the npm packages by name. */
export function thirdPartyLicenses(root: string, bases: Base[], components: { name: string }[]): string {
  const texts = bases.map(base =>
    section(`${ENGINE_NAMES[base.engine]} ${base.version}`, engineLicense(base)),
  )
  for (const name of new Set(components.map(component => component.name).sort())) {
    if (isEngine(name)) continue
    texts.push(section(name, licenseOf(join(root, 'node_modules', name))))
  }
  return texts.join('\n')
}

const ENGINE_NAMES = { node: 'Node.js', bun: 'Bun' } as const

function licenseOf(folder: string): string {
  const files = fs.existsSync(folder) ? fs.readdirSync(folder) : []
  const file = files.find(name => /^licen[cs]e/i.test(name))
  if (!file) throw new Error(`${folder} has no licence file: the binary must carry one; run npm ci`)
  return fs.readFileSync(join(folder, file), 'utf8')
}

function section(name: string, text: string): string {
  return `${'='.repeat(80)}\n${name}\n${'='.repeat(80)}\n\n${text.trim()}\n`
}
