import { CephflexError } from '../errors.js'
import { didYouMean } from '../text/nearest.js'
import { printable } from '../text/printable.js'
import { defaultOf, VARIABLE_NAMES, VARIABLES, type VariableName } from './variables.js'

type Values = Readonly<Record<string, string | undefined>>

const PLACEHOLDER = /\$\{(\w+)\}/g
/** Lines that only belong to a manifest if a variable is `true`, or is not. A block ends with `# end`. */
const BLOCK = /^ *# if (not )?(\w+)\n([\s\S]*?)^ *# end\n/gm

/** Placeholders for the arguments of install.sh in the DaemonSet, derived from a variable. */
const DERIVED: Readonly<Record<string, { of: VariableName; make: (value: string) => string }>> = {
  vendorOption: { of: 'driver', make: driver => `--vendor=${driver.split('/')[0]}` },
  driverOption: { of: 'driver', make: driver => `--driver=${driver.split('/')[1]}` },
  pluginDirOption: { of: 'pluginDir', make: directory => `--plugin-dir=${directory}` },
}

/** The summary of a manifest: its first comment line, without the full stop. */
export function summaryOf(text: string): string {
  return text.match(/^# (.*?)\.?\n/)?.[1] ?? ''
}

/**
 * A manifest with each variable replaced by a quoted YAML scalar. Lines with a variable that has no value are left out,
 * and so are blocks (`# if NAME`, `# if not NAME`, `# end`) whose variable has another value.
 *
 * @param manifest its name, which some defaults depend on.
 * @param settings `KEY=VALUE`; the last one for a key counts.
 * @throws CephflexError EUSAGE if this manifest has no such key, or a value is invalid.
 */
export function fillManifest(manifest: string, text: string, settings: readonly string[]): string {
  const defaults = variablesOf(text).map(name => [name, defaultOf(name, manifest)] as const)
  const given = settings.map(setting => readSetting(setting, manifest, text))
  const values: Values = Object.fromEntries([...defaults, ...given])
  const valueFor = (placeholder: string): string | undefined => {
    const derived = DERIVED[placeholder]
    const value = values[derived?.of ?? placeholder]
    return value === undefined ? undefined : (derived?.make(value) ?? value)
  }
  return chooseBlocks(text, values)
    .split('\n')
    .flatMap(line => fillLine(line, valueFor))
    .join('\n')
}

/** The variables that a manifest uses, in the order of {@link VARIABLES}. */
export function variablesOf(text: string): VariableName[] {
  const conditions = [...text.matchAll(BLOCK)].map(([, , name = '']) => name)
  const used = new Set([...placeholdersIn(text).map(name => DERIVED[name]?.of ?? name), ...conditions])
  return VARIABLE_NAMES.filter(name => used.has(name))
}

/**
 * Any text as a YAML scalar in double quotes, on one line. JSON's escapes are also YAML's, but YAML knows more line
 * breaks than JSON.
 */
export function yamlScalar(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function readSetting(setting: string, manifest: string, text: string): [VariableName, string] {
  const [, name, value = ''] = setting.match(/^([^=]*)=([\s\S]*)$/) ?? []
  if (name === undefined) throw refuse(`--set needs KEY=VALUE, not ${printable(setting)}`)
  const variable = checkName(name, manifest, text)
  const parsed = VARIABLES[variable].schema.safeParse(value)
  if (!parsed.success)
    throw refuse(`${variable} ${parsed.error.issues.map(({ message }) => message).join('; ')}`)
  return [variable, value]
}

function checkName(name: string, manifest: string, text: string): VariableName {
  const used = variablesOf(text)
  const found = used.find(known => known === name)
  if (found) return found
  if (!(VARIABLE_NAMES as string[]).includes(name))
    throw refuse(`there is no variable ${printable(name)}${didYouMean(name, VARIABLE_NAMES)}`)
  throw refuse(`${manifest} does not use ${name}; it uses ${used.join(', ')}`)
}

function refuse(message: string): CephflexError {
  return new CephflexError('EUSAGE', message, { hint: 'list the variables with "cephflex manifests --help"' })
}

function chooseBlocks(text: string, values: Values): string {
  return text.replace(BLOCK, (_, not: string | undefined, name: string, block: string) =>
    (values[name] === 'true') === (not === undefined) ? block : '',
  )
}

function fillLine(line: string, valueFor: (placeholder: string) => string | undefined): string[] {
  if (placeholdersIn(line).some(name => valueFor(name) === undefined)) return []
  return [line.replace(PLACEHOLDER, (_, name: string) => yamlScalar(valueFor(name) ?? ''))]
}

function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name)
}
