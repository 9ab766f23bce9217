import { isCephFS, parseMountInfo } from '../target/mount-table.js'

/** The targets of a driver's volumes in the texts of mountinfo files, sorted, without duplicates. */
export function mountPointsOf(vendor: string, driver: string, tables: readonly string[]): string[] {
  const points = tables
    .flatMap(parseMountInfo)
    .filter(entry => isCephFS(entry) && entry.mountPoint.includes(`/volumes/${vendor}~${driver}/`))
    .map(({ mountPoint }) => mountPoint)
  return [...new Set(points)].sort()
}
