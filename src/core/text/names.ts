/** Names of clusters and file systems: safe in a shell, a path and an option list. */
export const PLAIN_NAME = /^[A-Za-z0-9_.][A-Za-z0-9._-]{0,127}$/

/** The Ceph users that this program creates. No leading dot either, because file names contain users. */
export const USER_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/**
 * The Ceph users that exist: monitors accept any text, and clients whatever is ASCII. A blank at an end is a mistake,
 * and a "-" at the start would look like an option. Quote it for a shell, and escape it in a file.
 */
export const CEPH_USER = /^[!-,.-~](?:[ -~]{0,126}[!-~])?$/
