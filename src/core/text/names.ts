/** Names of clusters and file systems: safe in a shell, a path and an option list. */
export const PLAIN_NAME = /^[A-Za-z0-9_.][A-Za-z0-9._-]{0,127}$/

/** Ceph users. No leading dot either, because file names contain users. */
export const USER_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
