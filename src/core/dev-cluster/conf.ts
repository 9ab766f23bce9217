import { monitorAddresses, PORT_COUNT } from './ports.js'
import { type ClusterSpec, confPath, keyringPath } from './spec.js'

type Settings = Record<string, string | number | boolean>

const MDS_SETTINGS: Settings = {
  // with the default of 5 s, a client ends 1 to 4 s after umount
  mds_tick_interval: 0.2,
  mds_beacon_interval: 0.5,
  mds_beacon_grace: 60,
  mds_cache_memory_limit: 67108864,
}

/**
 * The text of `ceph.conf`: with cephx, everything on loopback and below the directory of the cluster, and tuned to start
 * in a fraction of a second.
 *
 * @param mgrModules names of the files in /usr/share/ceph/mgr.
 */
export function cephConf(spec: ClusterSpec, mgrModules: readonly string[]): string {
  const sections: [string, Settings][] = [
    ['global', globalSettings(spec)],
    ['mon', monSettings(spec)],
    ['osd', osdSettings(spec)],
    ['mds', MDS_SETTINGS],
    ['mds.a', mdsSettings(`${spec.dir}/mds`, 'cephfs')],
    ['mds.b', mdsSettings(`${spec.dir}/mds2`, 'second')],
    ['mgr', mgrSettings(spec, mgrModules)],
    ['client', { keyring: keyringPath(spec.dir) }],
  ]
  return sections
    .map(([name, settings]) => {
      const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`.trimEnd())
      return `[${name}]\n${lines.join('\n')}\n`
    })
    .join('\n')
}

/** The arguments that make a Ceph program use this cluster. */
export function confArgv(dir: string): string[] {
  return ['-c', confPath(dir)]
}

function globalSettings(spec: ClusterSpec): Settings {
  const { host, both } = monitorAddresses(spec)
  const ipv6 = spec.address.includes(':')
  return {
    fsid: spec.fsid,
    mon_host: both,
    public_addr: host,
    cluster_addr: host,
    ms_bind_ipv4: !ipv6,
    ms_bind_ipv6: ipv6,
    ms_bind_port_min: spec.portBase + 2,
    ms_bind_port_max: spec.portBase + PORT_COUNT - 1,
    auth_cluster_required: 'cephx',
    auth_service_required: 'cephx',
    auth_client_required: 'cephx',
    run_dir: `${spec.dir}/run`,
    admin_socket: `${spec.dir}/run/$cluster-$name.$pid.asok`,
    pid_file: '',
    crash_dir: `${spec.dir}/log`,
    log_file: `${spec.dir}/log/$cluster-$name.log`,
    err_to_stderr: true,
    debug_default: 0,
    mon_cluster_log_file: `${spec.dir}/log/cluster.log`,
    // one OSD: one copy, and as few placement groups as possible
    osd_pool_default_size: 1,
    osd_pool_default_min_size: 1,
    osd_pool_default_pg_num: 1,
    osd_pool_default_pgp_num: 1,
    osd_pool_default_pg_autoscale_mode: 'off',
    osd_crush_chooseleaf_type: 0,
    ms_async_op_threads: 1,
    ms_initial_backoff: 0.02,
    // a port in use will not be free 10 s later
    ms_bind_retry_delay: 0,
  }
}

function monSettings(spec: ClusterSpec): Settings {
  return {
    mon_data: `${spec.dir}/mon`,
    mon_initial_members: 'a',
    mon_allow_pool_size_one: true,
    mon_allow_pool_delete: true,
    // the defaults wait up to a second for more changes before each proposal
    paxos_propose_interval: 0.01,
    paxos_min_wait: 0.005,
    mon_tick_interval: 1,
    mon_data_avail_crit: 0,
    mon_data_avail_warn: 0,
    mon_warn_on_pool_no_redundancy: false,
    mon_warn_on_insecure_global_id_reclaim: false,
    mon_warn_on_insecure_global_id_reclaim_allowed: false,
    mon_osd_down_out_interval: 86400,
    // Ceph 20 creates longer keys, which older clients cannot read
    mon_auth_allow_insecure_key: true,
    mon_auth_emergency_allowed_ciphers: 'aes,aes256k',
    mon_memory_autotune: false,
    rocksdb_cache_size: 8388608,
    mon_rocksdb_options:
      'write_buffer_size=4194304,compression=kNoCompression,level_compaction_dynamic_level_bytes=true',
    mgr_initial_modules: '',
  }
}

function osdSettings(spec: ClusterSpec): Settings {
  return {
    osd_data: `${spec.dir}/osd`,
    keyring: `${spec.dir}/osd/keyring`,
    osd_objectstore: spec.store,
    memstore_device_bytes: 1073741824,
    bluestore_block_size: 1073741824,
    osd_memory_target: 939524096,
    osd_class_update_on_start: false,
    osd_crush_update_on_start: false,
    osd_op_num_shards: 1,
    osd_op_num_threads_per_shard: 1,
    osd_op_queue: 'wpq',
    // a fast shutdown does not write the memstore to disk: its objects would be lost
    osd_fast_shutdown: false,
  }
}

function mdsSettings(data: string, fileSystem: string): Settings {
  return {
    mds_data: data,
    keyring: `${data}/keyring`,
    mds_join_fs: fileSystem,
  }
}

function mgrSettings(spec: ClusterSpec, mgrModules: readonly string[]): Settings {
  return {
    mgr_data: `${spec.dir}/mgr`,
    keyring: `${spec.dir}/mgr/keyring`,
    mgr_tick_period: 1,
    mgr_stats_period: 1,
    mgr_disabled_modules: disabledModules(mgrModules).join(' '),
  }
}

/** All modules of the manager except `volumes`: each takes time at the start, and memory. */
function disabledModules(names: readonly string[]): string[] {
  return names.filter(name => !name.includes('.') && name !== 'volumes').sort()
}
