/** The settings of the controller. */
export type ControllerSettings = {
  /** Names of the provisioners whose claims and volumes it handles. */
  provisioners: readonly string[]
  /** `VENDOR/DRIVER` on the nodes: the driver of the volumes and the type of their Secrets. */
  driver: string
  /** Namespace of the Secrets of volumes; undefined: that of each claim. */
  secretNamespace?: string | undefined
}
