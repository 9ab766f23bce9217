import { CephflexError } from '../../core/errors.js'
import { secretEntry, secretOption } from '../../core/kubelet/call-options.js'
import { parseVolumeOptions } from '../../core/volume/options.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
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

/**
 * The volume that a command names by file and flags, checked like the options
 * of a kubelet call. The key is never an argument.
 *
 * @throws CephflexError EBADREQUEST, EBADOPTIONS, EBADKEY.
 */
export async function readVolume(system: System, args: VolumeArguments): Promise<VolumeOptions> {
  if (args.options === '-' && args.keyFile === '-')
    throw new CephflexError('EBADREQUEST', 'only one of --options and --key-file can be "-"', {
      hint: 'put one of them into a file',
    })
  const { options: fileOptions, secretName } = (await fromFile(system, args)) as {
    options: Record<string, unknown>
    secretName?: string
  }
  const merged = { ...fileOptions, ...args.set }
  const options = args.keyFile === undefined ? merged : await withKey(system, args.keyFile, merged)
  const hasKey = Object.keys(options).some(namesKey)
  if (!hasKey)
    throw new CephflexError(
      'EBADKEY',
      `the volume contains no key${secretName ? `, only a reference to the Secret ${secretName}` : ''}`,
      {
        hint: 'add the Secret to the same file, or pass --key-file FILE with a keyring or a key ("-" is stdin)',
      },
    )
  return parseVolumeOptions(JSON.stringify(options), system.config)
}

async function fromFile(system: System, args: VolumeArguments) {
  if (args.options === undefined) return { options: {} }
  const { parseVolumeFile } = await import('../../core/volume/volume-file.js')
  return parseVolumeFile(await readText(system, args.options, 'the file'), args.volume)
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
