/** Where kubelets look for drivers if nothing else is known; install.sh has the same list with its sources. */
export const KNOWN_PLUGIN_DIRS = [
  '/home/kubernetes/flexvolume',
  '/etc/kubernetes/kubelet-plugins/volume/exec',
  '/etc/origin/kubelet-plugins/volume/exec',
  '/etc/kubernetes/volumeplugins',
  '/usr/libexec/k0s/kubelet-plugins/volume/exec',
  '/var/lib/kubelet/volumeplugins',
  '/var/lib/kubelet/volume-plugins',
  '/opt/libexec/kubernetes/kubelet-plugins/volume/exec',
  '/usr/libexec/kubernetes/kubelet-plugins/volume/exec',
] as const

export const DEFAULT_PLUGIN_DIR = KNOWN_PLUGIN_DIRS[KNOWN_PLUGIN_DIRS.length - 1] as string

/** Process names that carry a kubelet. */
export const KUBELET_NAMES: readonly string[] = ['kubelet', 'kubelite', 'k3s', 'k3s-server', 'k3s-agent']

/** The value of the last `--NAME=VALUE` or `--NAME VALUE`. */
export function flagValue(words: readonly string[], name: string): string | undefined {
  const values = words.flatMap((word, i) => {
    if (word.startsWith(`--${name}=`)) return [word.slice(name.length + 3)]
    return word === `--${name}` ? (words[i + 1] ?? []) : []
  })
  return values.at(-1)
}

/** `volumePluginDir` of a kubelet's configuration, YAML or JSON; the last one wins. */
export function pluginDirIn(configuration: string): string | undefined {
  return [
    ...configuration.matchAll(/^(?!\s*#).*?(?:^|[\s{,])"?volumePluginDir"?\s*:\s*["']?([^\]"',}#\s]+)/gm),
  ].at(-1)?.[1]
}

/** The directory and name in `DIR/VENDOR~DRIVER/DRIVER`; undefined for any other path. */
export function pluginDirOfDriver(program: string): string | undefined {
  return /^(\/.*)\/[^/~]+~([^/]+)\/\2$/.exec(program)?.[1]
}
