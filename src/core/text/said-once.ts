/** Longer names and paths are generated from the name of a PersistentVolume, which the kubelet's event has already. */
const LONG = 32

/** A user in a message whose hint has the full name in a command. */
export function userOnce(user: string): string {
  return user.length > LONG ? "the volume's user" : `client.${user}`
}

/** The output of a program in a message that has this path already. */
export function pathOnce(output: string, path: string): string {
  return path.length > LONG ? output.replaceAll(path, '...') : output
}
