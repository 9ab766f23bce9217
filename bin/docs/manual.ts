import { type CommandDoc, flatten } from '../../src/cli/help/describe.js'
import { NODE_CONFIG_DOCS } from '../../src/core/config/node-config-docs.js'
import { EXPLANATIONS } from '../../src/core/error-codes.js'
import { RELEASE_DATE, VERSION } from '../../src/core/version.js'
import { OPTION_DOCS } from '../../src/core/volume/option-docs.js'
import { entry, prose, section, verbatim } from './roff.js'

const CALL = `mount /mnt/data '{"monitors":"10.0.0.1","user":"web","secretFile":"/etc/ceph/keys/web"}'`

/**
 * The manual page cephflex(1) in man(7) macros, generated from commander's
 * definitions and the tables in the code. `npm run docs` writes it.
 */
export function manual(program: string, doc: CommandDoc): string {
  const commands = flatten(doc).filter(
    ({ path, commands }) => path.at(-1) !== 'help' && commands.length === 0,
  )
  const [summary = ''] = doc.means.split(':')
  return `${[
    `.\\" Made by "npm run docs" from the definitions in the code.`,
    `.TH ${program.toUpperCase()} 1 ${RELEASE_DATE} "${program} ${VERSION}"`,
    section('NAME', `${program} \\- ${summary}`),
    section(
      'SYNOPSIS',
      ...['init', 'mount DIR JSON', 'unmount DIR', 'COMMAND [OPTIONS]'].map(
        (call, i) => `${i === 0 ? '' : '.br\n'}.B ${program} ${call}`,
      ),
    ),
    section(
      'DESCRIPTION',
      prose(
        'A Kubernetes FlexVolume driver for CephFS. The kubelet runs the first three calls on the node; they can also ' +
          'be run by hand. A call prints one JSON object to standard output and always exits with code 0; the object ' +
          'reports success or failure. Commands exit with 0, or with 1 and the reason on standard error.',
      ),
      verbatim([`${program} ${CALL}`]),
    ),
    section('COMMANDS', ...commands.map(command => commandText(program, command))),
    section(
      'VOLUME OPTIONS',
      prose('The JSON object of a mount call, and flexVolume.options in Kubernetes. All values are strings.'),
      ...OPTION_DOCS.map(({ name, default: otherwise, means }) => entry(name, withDefault(means, otherwise))),
    ),
    section(
      'NODE CONFIGURATION',
      prose('The keys of `/etc/cephflex/config.json`, a JSON object.'),
      ...NODE_CONFIG_DOCS.map(({ name, default: otherwise, means }) =>
        entry(name, withDefault(means, otherwise)),
      ),
    ),
    section(
      'ERRORS',
      prose('Every failure message starts with one of these codes.'),
      ...Object.entries(EXPLANATIONS).map(([code, { means, fix }]) => entry(code, `${means}. Fix: ${fix}.`)),
    ),
    section(
      'FILES',
      entry('/etc/cephflex/config.json', 'the node configuration, if it exists'),
      entry('/var/log/cephflex/cephflex.log', 'log of all calls, as JSON lines'),
      entry('/run/cephflex', 'locks and state'),
    ),
    section('SEE ALSO', '.BR ceph-fuse (8),\n.BR mount.ceph (8)'.replaceAll('-', '\\-')),
  ].join('\n')}\n`
}

function commandText(program: string, command: CommandDoc): string {
  return [
    `.SS ${[program, ...command.path].join(' ').replaceAll('-', '\\-')}`,
    `.B ${[program, ...command.path, command.usage].join(' ').replaceAll('-', '\\-')}`,
    `.PP\n${prose(`${command.means}.`)}`,
    ...command.arguments
      .filter(({ means, choices }) => means !== '' || choices.length > 0)
      .map(({ name, means, choices: values }) => entry(name, `${means}${choices(values)}`)),
    ...command.options.map(({ flags, means, choices: values }) => entry(flags, `${means}${choices(values)}`)),
  ].join('\n')
}

function choices(values: readonly string[]) {
  return values.length > 0 ? ` (${values.join(', ')})` : ''
}

function withDefault(means: string, otherwise: string) {
  return otherwise ? `${means} (default: ${otherwise})` : means
}
