import { CephflexError } from '../../core/errors.js'
import { secretEntry, secretOption } from '../../core/kubelet/call-options.js'
import type { ObjectFinding } from '../../core/kubelet/objects/finding.js'
import { parseVolumeOptions } from '../../core/volume/options.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { VolumeFile } from '../../core/volume/volume-file.js'
import { readInput, readInputBytes } from '../../system/input.js'
import type { System } from '../../system/system.js'

/** How a command names a volume. All fields are optional; the check of the options reports what is missing. */
export type VolumeArguments = {
  /** A PersistentVolume, pod or kubelet JSON; `-` is stdin. */
  options?: string
  /** Which volume of a file with several. */
  volume?: string
  /** A keyring or a bare key; `-` is stdin. */
  keyFile?: string
  /** Single options, which win over the file: the names in the table of options. */
  set: Readonly<Record<string, string>>
}

/** A volume, and what keeps the kubelet from calling this driver for it: undefined without objects of Kubernetes. */
export type NamedVolume = { options: VolumeOptions; findings: readonly ObjectFinding[] | undefined }

/**
 * The volume that a command names by file and flags, checked like the options
 * of a kubelet call. The key is never an argument.
 *
 * @param program the path of this program, which may be an installed driver.
 * @throws CephflexError EBADREQUEST, EBADOPTIONS, EBADKEY.
 */
export async function readVolume(
  system: System,
  args: VolumeArguments,
  program: string,
): Promise<NamedVolume> {
  if (args.options === '-' && args.keyFile === '-')
    throw new CephflexError('EBADREQUEST', 'only one of --options and --key-file can be "-"', {
      hint: 'put one of them into a file',
    })
  const { options: fileOptions, secretName, findings } = await fromFile(system, args, program)
  const merged = { ...fileOptions, ...args.set }
  const options = args.keyFile === undefined ? merged : await withKey(system, args.keyFile, merged)
  if (!Object.keys(options).some(namesKey)) throw withoutKey(secretName, findings ?? [])
  return { options: parseVolumeOptions(JSON.stringify(options), system.config), findings }
}

/** The objects may show why there is no key. */
function withoutKey(secretName: string | undefined, findings: readonly ObjectFinding[]): CephflexError {
  const why = findings.find(
    ({ status, field }) => status === 'fail' && (field === 'secretRef' || field === 'secret'),
  )
  if (why !== undefined)
    return new CephflexError('EBADKEY', `the volume contains no key: ${why.message}`, { hint: why.fix })
  const reference = secretName ? `, only a reference to the Secret ${secretName}` : ''
  return new CephflexError('EBADKEY', `the volume contains no key${reference}`, {
    hint: 'add the Secret to the same file, or pass --key-file FILE with a keyring or a key ("-" is stdin)',
  })
}

async function fromFile(
  system: System,
  args: VolumeArguments,
  program: string,
): Promise<VolumeFile & { findings: readonly ObjectFinding[] | undefined }> {
  if (args.options === undefined) return { options: {}, findings: undefined }
  const [{ parseVolumeFile, findingsInVolumeFile }, { installedDriver, ownDriverName }] = await Promise.all([
    import('../../core/volume/volume-file.js'),
    import('../kubelet/driver-names.js'),
  ])
  const text = await readText(system, args.options, 'the file')
  const file = parseVolumeFile(text, args.volume)
  const installed = (name: string) => installedDriver(system, program, name)
  return { ...file, findings: findingsInVolumeFile(text, args.volume, ownDriverName(program), installed) }
}

/** Root may name any file here; secretDirectories only limits volumes that others define. */
async function withKey(
  system: System,
  keyFile: string,
  options: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const others = Object.entries(options).filter(([name]) => !namesKey(name))
  const content = keyFile === '-' ? await readInputBytes() : system.files.readBytes(keyFile)
  if (content === undefined) throw missing('the key file', keyFile)
  return { ...Object.fromEntries(others), [secretOption('key')]: content.toString('base64') }
}

function namesKey(option: string): boolean {
  return secretEntry(option) !== undefined || option === 'secretFile'
}

async function readText({ files }: System, path: string, what: string): Promise<string> {
  const text = path === '-' ? await readInput() : files.readStream(path)
  if (text !== undefined) return text
  throw missing(what, path)
}

function missing(what: string, path: string): CephflexError {
  return new CephflexError('EBADREQUEST', `${what} ${path} does not exist`, { hint: 'check the path' })
}
