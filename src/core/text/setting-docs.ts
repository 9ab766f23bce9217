/** A setting in a table of a page or the manual. `default` is Markdown; empty if there is none. */
export type SettingDoc = { name: string; default: string; means: string }

/** `defaultText`: the default in words, where it is not one fixed value. */
type Setting = { default?: string; defaultText?: string; means: string }

/** One row for each setting, in the same order. */
export function settingDocs(settings: Readonly<Record<string, Setting>>): SettingDoc[] {
  return Object.entries(settings).map(([name, { default: value, defaultText, means }]) => ({
    name,
    default: defaultText ?? (value ? `\`${value}\`` : ''),
    means,
  }))
}
