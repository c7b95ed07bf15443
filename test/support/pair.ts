import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { connection, socketUrl, withDatabase } from '../../src/infra/database/connection.ts';
import { migrate } from '../../src/infra/database/migrate.ts';
import { bundledPostgres, usableBinaries } from '../../src/infra/embedded-postgres/binaries.ts';
import { OWNER } from '../../src/infra/embedded-postgres/cluster.ts';
import { startEmbedded } from '../../src/infra/embedded-postgres/embedded.ts';
import { homeOf, socketDirectory } from '../../src/infra/embedded-postgres/home.ts';
import { type Server, spawnServer } from '../../src/infra/embedded-postgres/server.ts';
import { serverSettings } from '../../src/infra/embedded-postgres/settings.ts';
import { serverUser } from '../../src/infra/embedded-postgres/user.ts';
import { migrationsFolder } from '../../src/wire/schema.ts';
import { passingDirectory } from './passing-directory.ts';

export type Pair = {
  /** Leads to the primary, and after `moveAddress` to the standby, as a failover manager's address does. */
  readonly url: string;
  readonly standbyUrl: string;
  /** The standby has everything that the primary has. */
  caughtUp(): Promise<void>;
  /** From now on nothing that the primary commits reaches the standby. */
  cutReplication(): Promise<void>;
  /** SIGKILL, as when its machine is lost. */
  killPrimary(): void;
  promote(): Promise<void>;
  moveAddress(): void;
};

/** Replication is on; what the embedded server switches off for want of somebody to replicate to. */
const SETTINGS = { ...serverSettings(false), max_wal_senders: '4', hot_standby: 'on' };

/** A migrated primary and a hot standby that streams from it: two real servers, stopped after the test. */
export async function replicatedPair(): Promise<Pair> {
  const [first, second, address] = [passingDirectory(), passingDirectory(), passingDirectory()];
  const fresh = await startEmbedded({ dataDir: first, durable: false });
  await migrate(fresh.url, migrationsFolder);
  await fresh.stop();
  // There is no pg_basebackup among the bundled programs: a stopped data directory is as good.
  execFileSync('cp', ['-a', join(first, 'pg18'), join(second, 'pg18')]);
  const primary = await serve(first);
  makeStandby(join(second, 'pg18'), primary.socketDir);
  const standby = await serve(second);
  const link = join(address, 'now');
  symlinkSync(primary.socketDir, link);
  const ask = async <T>(server: Serving, text: string): Promise<T[]> => {
    const sql = connection(server.url, { max: 1 });
    try {
      return [...(await sql.unsafe<T[]>(text))];
    } finally {
      await sql.end({ timeout: 1 });
    }
  };
  const until = async (server: Serving, condition: string) =>
    await vi.waitFor(
      async () => {
        const [row] = await ask<{ holds: boolean }>(server, `select (${condition}) as holds`);
        if (row?.holds !== true) throw new Error(`not yet: ${condition}`);
      },
      { timeout: 20_000, interval: 25 },
    );
  return {
    url: socketUrl(link, OWNER, 'dueday'),
    standbyUrl: standby.url,
    async caughtUp() {
      const [row] = await ask<{ lsn: string }>(primary, 'select pg_current_wal_flush_lsn()::text as lsn');
      await until(standby, `pg_last_wal_replay_lsn() >= '${row?.lsn}'::pg_lsn`);
    },
    async cutReplication() {
      await ask(standby, `alter system set primary_conninfo = ''`);
      await ask(standby, 'select pg_reload_conf()');
      await until(standby, 'not exists (select from pg_stat_wal_receiver)');
      await until(primary, 'not exists (select from pg_stat_replication)');
    },
    killPrimary: () => void process.kill(primary.server.pid, 'SIGKILL'),
    async promote() {
      await ask(standby, 'select pg_promote(true, 20)');
      await until(standby, 'not pg_is_in_recovery()');
    },
    moveAddress() {
      symlinkSync(standby.socketDir, `${link}.next`);
      renameSync(`${link}.next`, link);
    },
  };
}

function makeStandby(cluster: string, primarySocket: string): void {
  appendFileSync(join(cluster, 'postgresql.auto.conf'), `primary_conninfo = 'host=${primarySocket} user=${OWNER}'\n`);
  writeFileSync(join(cluster, 'standby.signal'), '');
  const { uid, gid } = statSync(join(cluster, 'PG_VERSION'));
  chownSync(join(cluster, 'standby.signal'), uid, gid);
}

type Serving = { readonly server: Server; readonly socketDir: string; readonly url: string };

/** Starts the server on a data directory that is there, primary or standby, and waits until it answers. */
async function serve(dataDir: string): Promise<Serving> {
  const user = serverUser();
  const home = homeOf(dataDir, user, () => undefined);
  const binaries = await usableBinaries(bundledPostgres(), home.directory, user);
  const socketDir = socketDirectory(home).path;
  const server = await spawnServer(binaries, home, { ...SETTINGS, unix_socket_directories: `"${socketDir}"` });
  onTestFinished(server.stop);
  const url = socketUrl(socketDir, OWNER, 'dueday');
  await vi.waitFor(
    async () => {
      const sql = connection(withDatabase(url, 'postgres'), { max: 1, connect_timeout: 2 });
      try {
        await sql`select 1`;
      } finally {
        await sql.end({ timeout: 1 });
      }
    },
    { timeout: 20_000, interval: 50 },
  );
  return { server, socketDir, url };
}
