import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { openDatabase } from '../../src/infra/database/db.ts';
import { migrate } from '../../src/infra/database/migrate.ts';
import { type EmbeddedPostgres, startEmbedded } from '../../src/infra/embedded-postgres/embedded.ts';
import { readPidFile } from '../../src/infra/embedded-postgres/pid-file.ts';
import type { TestDatabase } from '../support/database.ts';

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'drizzle');

/** A server that this test file may ill-treat: durable, migrated, and always at the same address. */
export type OwnServer = TestDatabase & {
  /** What `pg_ctl stop -m immediate` does: no farewell to anybody, and recovery at the next start. */
  readonly crash: () => Promise<void>;
  /** Starts it where it was, after whatever happened to it. */
  readonly start: () => Promise<void>;
  readonly isUp: () => boolean;
};

/** Call it at the top of a test file. `directory` is where it lives; one of its own unless given. */
export async function ownServer(directory: string = passingHome()): Promise<OwnServer> {
  const options = { dataDir: directory, settings: { max_connections: '100', max_wal_size: '64MB' } };
  let running: EmbeddedPostgres = await startEmbedded(options);
  const { url } = running;
  const db = openDatabase({ url, poolSize: 8, deadlineMs: 5_000, applicationName: 'dueday test' });
  afterAll(async () => {
    await db.close();
    await running.stop();
  });
  await migrate(url, MIGRATIONS);
  const process_ = () => readPidFile(join(directory, 'pg18'))?.pid ?? null;
  return {
    db,
    admin: db,
    adminUrl: url,
    url,
    isUp: () => process_() !== null,
    async crash() {
      const pid = process_();
      if (pid === null) return;
      process.kill(pid, 'SIGQUIT');
      while (isAlive(pid)) await pause(5);
      // It is gone; its guard goes too.
      await running.stop();
    },
    async start() {
      await running.stop();
      running = await startEmbedded(options);
    },
  };
}

function passingHome(): string {
  const directory = mkdtempSync(join(tmpdir(), 'dueday-torture-'));
  chmodSync(directory, 0o755);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
