import { Argument, Command, Option } from 'commander'
import { CephflexError } from '../../core/errors.js'
import { fillManifest, summaryOf, variablesOf } from '../../core/manifests/manifests.js'
import { defaultOf, VARIABLE_NAMES, VARIABLES } from '../../core/manifests/variables.js'
import { alignedLines } from '../../core/text/table.js'
import { assetNames, readAsset } from '../../system/assets.js'
import type { CommandIo } from '../terminal/command-io.js'

const PATTERN = /^kubernetes\/(.*)\.yaml$/

/** `cephflex manifests`: the Kubernetes objects that belong to the driver. */
export function manifests(io: CommandIo): Command {
  return new Command('manifests')
    .description('print a Kubernetes manifest to apply or adapt; without a name, list all manifests')
    .addArgument(new Argument('[name]', 'the manifest').choices(manifestNames()))
    .addOption(
      new Option('--set <key=value>', 'set a variable; can be repeated')
        .argParser(collect)
        .default([], 'the defaults below'),
    )
    .addHelpText('after', variablesHelp)
    .action((name: string | undefined, { set }: { set: string[] }) => {
      if (name !== undefined) return io.out(fillManifest(name, readManifest(name), set).trimEnd())
      if (set.length > 0) throw new CephflexError('EUSAGE', '--set requires the name of a manifest')
      const rows = manifestNames().map(each => [each, summaryOf(readManifest(each))])
      for (const line of alignedLines(rows)) io.out(line)
    })
}

function collect(setting: string, earlier: readonly string[]): string[] {
  return [...earlier, setting]
}

function variablesHelp(): string {
  const manifests = manifestNames()
  return ['', 'Variables:', ...VARIABLE_NAMES.map(name => variableLine(name, manifests))].join('\n')
}

function manifestNames(): string[] {
  return assetNames().flatMap(name => name.match(PATTERN)?.[1] ?? [])
}

function variableLine(name: (typeof VARIABLE_NAMES)[number], manifests: readonly string[]): string {
  const users = manifests.filter(manifest => variablesOf(readManifest(manifest)).includes(name))
  const defaults = [...new Set(users.map(manifest => defaultOf(name, manifest) ?? ''))].filter(Boolean)
  const note = defaults.length > 0 ? ` (default: ${defaults.join(', or ')})` : ''
  return `  ${name.padEnd(13)}${VARIABLES[name].means}${note}\n${' '.repeat(15)}in: ${users.join(', ')}`
}

function readManifest(name: string): string {
  return readAsset(`kubernetes/${name}.yaml`)
}
