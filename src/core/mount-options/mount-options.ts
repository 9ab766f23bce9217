import type { Client } from '../mounters/index.js'
import { didYouMean } from '../text/nearest.js'
import { holdsControl } from '../text/paths.js'
import { printable } from '../text/printable.js'
import { KERNEL_OPTIONS } from './kernel-option-table.js'
import { FUSE_OPTIONS, GENERIC_OPTIONS, type OptionRow } from './option-table.js'
import { REFUSED_OPTIONS } from './refused-options.js'

/**
 * Options that are allowed, in the form each client takes: `fuse` and `kernel` go after `-o`, `fuseFlags` are whole
 * arguments (`--client_x=1`). Read-only is not one of them: {@link parseClientOptions} returns it separately.
 */
export type ClientOptions = {
  fuse: readonly string[]
  fuseFlags: readonly string[]
  kernel: readonly string[]
}

type ListName = 'mountOptions' | 'fuseOptions' | 'kernelOptions'

/** An allowed option, and its text for a client. */
type AllowedOption = { row: OptionRow; text: string }

const ROWS: Record<ListName, Map<string, OptionRow>> = {
  mountOptions: byName(GENERIC_OPTIONS),
  fuseOptions: forClient('fuse', FUSE_OPTIONS),
  kernelOptions: forClient('kernel', KERNEL_OPTIONS),
}

/**
 * Checks the names and values in the three lists of options against the tables of allowed options, and returns the
 * options of each client.
 *
 * Throws nothing. `ro` and `rw` are not passed on: `readOnly` is whether a list contains `ro`. Each problem is a
 * sentence that begins with the volume option.
 */
export function parseClientOptions(lists: Readonly<Record<ListName, string>>): {
  options: ClientOptions
  readOnly: boolean
  problems: string[]
} {
  const mount = parseList('mountOptions', lists.mountOptions)
  const fuse = parseList('fuseOptions', lists.fuseOptions)
  const kernel = parseList('kernelOptions', lists.kernelOptions)
  const optionsFor = (client: Client, own: readonly AllowedOption[]): AllowedOption[] =>
    [...mount.allowed, ...own].filter(({ row }) => row.clients.includes(client))
  const forFuse = optionsFor('fuse', fuse.allowed)
  return {
    options: {
      // libfuse takes a comma with a backslash, and passes it on without
      fuse: texts(forFuse.filter(({ row }) => !row.flag)).map(text => text.replaceAll(',', '\\,')),
      fuseFlags: texts(forFuse.filter(({ row }) => row.flag)).map(text => `--${text}`),
      kernel: texts(optionsFor('kernel', kernel.allowed)),
    },
    readOnly: [...mount.allowed, ...fuse.allowed, ...kernel.allowed].some(({ row }) => row.name === 'ro'),
    problems: [...mount.problems, ...fuse.problems, ...kernel.problems],
  }
}

function forClient(client: Client, own: readonly OptionRow[]): Map<string, OptionRow> {
  return byName([
    ...GENERIC_OPTIONS.filter(({ clients }) => clients.length === 0 || clients.includes(client)),
    ...own,
  ])
}

function byName(rows: readonly OptionRow[]): Map<string, OptionRow> {
  return new Map(rows.map(row => [row.name, row]))
}

function parseList(list: ListName, text: string): { allowed: AllowedOption[]; problems: string[] } {
  if (holdsControl(text)) return { allowed: [], problems: [`${list} must not contain a control character`] }
  const elements = (text.match(/(?:"[^"]*"|[^,])+/g) ?? []).map(element => element.trim())
  const parsed = elements.filter(element => element !== '').map(element => parseElement(list, element))
  return {
    allowed: parsed.filter(result => typeof result !== 'string'),
    problems: parsed.filter(result => typeof result === 'string').map(problem => `${list} ${problem}`),
  }
}

/** The option, or the problem with it. A problem names the option, never its value, which may be a key. */
function parseElement(list: ListName, element: string): AllowedOption | string {
  const [written = '', ...rest] = element.split('=')
  const name = written.trim()
  if (name.startsWith('-')) return `must not contain an option that starts with "-": ${printable(name)}`
  const plain = name.replaceAll('-', '_')
  const reason = REFUSED_OPTIONS.get(plain)
  if (reason !== undefined) return `must not contain ${printable(name)}: ${reason}`
  const row = ROWS[list].get(plain)
  if (row === undefined) return unknown(list, name)
  const given = rest.length === 0 ? undefined : rest.join('=').trim()
  const value = row.value?.quoted ? given?.replace(/^"(.*)"$/, '$1') : given
  return valueProblem(row, value) ?? { row, text: textOf(row.name, value) }
}

function textOf(name: string, value: string | undefined): string {
  if (value === undefined) return name
  return value.includes(',') ? `${name}="${value}"` : `${name}=${value}`
}

function unknown(list: ListName, name: string): string {
  const other = elsewhere(name)
  if (other !== undefined) return `must not contain ${printable(name)}: it belongs in ${other}`
  if (/^c\d+(?:\.c\d+)?"?$/.test(name))
    return `contains ${printable(name)}: an SELinux label with a comma must be in double quotes`
  return `contains the unknown option ${printable(name)}${didYouMean(name, ROWS[list].keys())}`
}

function elsewhere(name: string): ListName | undefined {
  return (['mountOptions', 'fuseOptions', 'kernelOptions'] as const).find(list => ROWS[list].has(name))
}

function valueProblem({ name, value }: OptionRow, given: string | undefined): string | undefined {
  if (value === undefined) return given === undefined ? undefined : `must set "${name}" without a value`
  return given !== undefined && value.pattern.test(given) ? undefined : `must set "${name}" to ${value.form}`
}

/** Each option once, with its last value, as the clients themselves do. */
function texts(allowed: readonly AllowedOption[]): string[] {
  return [...new Map(allowed.map(({ row, text }) => [row.name, text])).values()]
}
