import { pluginDirIn } from './config-file.js'
import { DISTRIBUTIONS, type KubeletFiles, type KubeletProcess } from './distributions.js'
import { flagValue } from './flags.js'
import { DEFAULT_PLUGIN_DIR } from './plugin-dirs.js'

/** The kubelet's default for `--root-dir`. */
export const DEFAULT_KUBELET_ROOT = '/var/lib/kubelet'

/** The settings of a running kubelet that matter here. Paths are as the kubelet sees them. */
export type KubeletSettings = {
  /** Undefined if it may be in `unreadable`. */
  pluginDir: { path: string; foundBy: string } | undefined
  /** Absolute, without a trailing slash. */
  rootDir: string
  /** The kubelet's configuration file, if it cannot be read. */
  unreadable?: string
}

/** Whether a process is a kubelet. */
export function isKubelet(process: KubeletProcess): boolean {
  // a zombie has no arguments
  return DISTRIBUTIONS.some(each => each.isKubelet(process)) && process.argv.length > 0
}

/** The arguments that make a kubelet's executable print its version. */
export function versionArguments(process: KubeletProcess): readonly string[] {
  return DISTRIBUTIONS.find(each => each.isKubelet(process))?.version ?? ['--version']
}

/** The Kubernetes version in what it prints, for example `1.7`; undefined if there is none. */
export function versionIn(output: string): { text: string; major: number; minor: number } | undefined {
  const [, text = '', major, minor] = /^kubernetes (v(\d+)\.(\d+)\S*)/im.exec(output) ?? []
  return minor === undefined ? undefined : { text, major: Number(major), minor: Number(minor) }
}

/** The plugin directory and root directory of a running kubelet. Flags win over files, and the last one wins. */
export function kubeletSettings(process: KubeletProcess, files: KubeletFiles): KubeletSettings {
  const words = DISTRIBUTIONS.find(each => each.isKubelet(process))?.arguments(process, files) ?? []
  const rootDir = rootDirOf(flagValue(words, 'root-dir'))
  const flag = flagValue(words, 'volume-plugin-dir')
  const who = `the running kubelet, process ${process.pid}`
  if (flag) return { rootDir, pluginDir: { path: trimmed(flag), foundBy: `--volume-plugin-dir of ${who}` } }
  const config = flagValue(words, 'config')
  const text = config ? files.read(config) : undefined
  const dropIns = dropInTexts(flagValue(words, 'config-dir'), files)
  const fromFiles = [text ?? '', ...dropIns].flatMap(each => pluginDirIn(each) ?? []).at(-1)
  if (fromFiles)
    return {
      rootDir,
      pluginDir: { path: trimmed(fromFiles), foundBy: `volumePluginDir in the configuration of ${who}` },
    }
  if (config && text === undefined) return { rootDir, pluginDir: undefined, unreadable: config }
  return {
    rootDir,
    pluginDir: { path: DEFAULT_PLUGIN_DIR, foundBy: `the default: ${who}, sets no other` },
  }
}

function rootDirOf(flag: string | undefined): string {
  return flag?.startsWith('/') ? trimmed(flag) || '/' : DEFAULT_KUBELET_ROOT
}

function dropInTexts(directory: string | undefined, { read, list }: KubeletFiles): string[] {
  if (!directory) return []
  return list(directory)
    .filter(name => name.endsWith('.conf'))
    .flatMap(name => read(`${directory}/${name}`) ?? [])
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '')
}
