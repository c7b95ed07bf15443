/** Settings of the embedded server, given at every start, so that the data directory's own file need not be edited. */
export function serverSettings(durable: boolean): Readonly<Record<string, string>> {
  return { ...SETTINGS, ...(durable ? {} : FORGETFUL) };
}

const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '128MB',
  effective_cache_size: '512MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  max_wal_size: '2GB',
  // Pages of an SSD cost about the same wherever they lie.
  random_page_cost: '1.1',
  // Nobody replicates from it, and without slots old WAL is not kept.
  max_wal_senders: '0',
  max_replication_slots: '0',
  max_logical_replication_workers: '0',
  TimeZone: 'UTC',
  log_timezone: 'UTC',
  // The client hears every error; in the log file its values (a token, an address) would only lie around.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

/** For tests: a crash of the machine may lose everything, a crash of the process nothing. */
const FORGETFUL = {
  fsync: 'off',
  full_page_writes: 'off',
};
