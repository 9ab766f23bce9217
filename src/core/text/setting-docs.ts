/** What a user can set, for a table of a page or the manual. `default` is Markdown, empty if there is none. */
export type SettingDoc = { name: string; default: string; means: string }

/** `default`: what is taken when it is not given. `otherwise`: the same in words, when it depends. */
type Setting = { default?: string; otherwise?: string; means: string }

/** One row for each setting, in their order. */
export function settingDocs(settings: Readonly<Record<string, Setting>>): SettingDoc[] {
  return Object.entries(settings).map(([name, { default: value, otherwise, means }]) => ({
    name,
    default: otherwise ?? (value ? `\`${value}\`` : ''),
    means,
  }))
}
