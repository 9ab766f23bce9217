/** Names of clusters and file systems: nothing that a shell, a path or an option list could stumble over. */
export const PLAIN_NAME = /^[A-Za-z0-9_.][A-Za-z0-9._-]{0,127}$/

/** Ceph users. No leading dot either, as users end up in file names. */
export const USER_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
