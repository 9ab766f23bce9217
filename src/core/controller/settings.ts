/** What the person who runs the controller chose. */
export type ControllerSettings = {
  /** Names of provisioners that it answers for; the first one signs new volumes of its own. */
  provisioners: readonly string[]
  /** `VENDOR/DRIVER` on the nodes: the driver of the volumes and the type of their Secrets. */
  driver: string
  /** Where the Secrets of volumes go; undefined: beside each claim. */
  secretNamespace?: string | undefined
}
