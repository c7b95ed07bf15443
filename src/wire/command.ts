import type { Context } from '../context.ts';
import { catalogForCommand } from '../flows/catalog/read-catalog.ts';
import { type Database, openDatabase } from '../infra/database/db.ts';
import { withGroups } from '../infra/database/groups.ts';
import { checkMigrations, migrate } from '../infra/database/migrate.ts';
import type { Env } from '../infra/environment/env.ts';
import { vaultOf } from '../infra/environment/vault-source.ts';
import { failpoint } from '../infra/failpoints.ts';
import { xenditGateway } from '../infra/gateway/xendit/xendit.ts';
import { createLogger, type Log } from '../infra/logger.ts';
import { besideDaemon, openStoreThere, xenditNear } from './neighbour.ts';
import { migrationsFolder } from './schema.ts';
import { contextOf, openStore, placeOf } from './wire.ts';
import { clockOf } from './xendit.ts';

/** Commands print for people: only what is wrong is logged beside it. */
function quietLog(): Log {
  return createLogger('error', process.stderr);
}

/** Connections of a command: it does one thing after the other. */
const FEW = 2;

/** Database, catalog and clock, with nothing running behind them. */
export async function openContext(
  given: Env,
  poolSize = FEW,
): Promise<{ readonly ctx: Context; close(): Promise<void> }> {
  const log = quietLog();
  const env = besideDaemon(given);
  const store = await openStoreThere(env, log);
  const opened = openDatabase({ ...placeOf(store), poolSize, applicationName: 'dueday command', vault: vaultOf(env) });
  const close = async () => {
    await opened.close();
    await store.stop();
    await log.close();
  };
  try {
    await migrate(store.url, migrationsFolder);
    const db = await withGroups(opened);
    const catalog = await catalogForCommand({ db, log, clock: clockOf(env, db) }, env.catalogFile);
    const xendit = xenditNear(env);
    const gateway = xenditGateway(xendit ?? { url: env.xenditApiUrl, secretKey: 'xnd_development_none' });
    const counters = { attemptSettled: () => undefined, gatewayCall: () => undefined, decided: () => undefined };
    const idle = { stopping: new AbortController().signal, wake: () => undefined, clockMoved: async () => undefined };
    const passing = env.failpoint === null ? undefined : failpoint(env.failpoint);
    const parts = { env, log, db, catalog, gateway, counters, ...idle, xenditBooks: xendit, failpoint: passing };
    return { ctx: contextOf(parts), close };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function migrateDatabase(env: Env): Promise<{ readonly ok: boolean; readonly detail: string }> {
  return await withDatabase(env, openStore, async (db, url) => {
    await migrate(url, migrationsFolder);
    const check = await checkMigrations(db, migrationsFolder);
    return check.ok
      ? { ok: true, detail: 'The database has every migration of this version.' }
      : { ok: false, detail: check.detail };
  });
}

export async function withDatabase<T>(
  env: Env,
  open: typeof openStore,
  work: (db: Database, url: string) => Promise<T>,
): Promise<T> {
  const log = quietLog();
  const store = await open(env, log);
  const db = openDatabase({ ...placeOf(store), poolSize: 1, applicationName: 'dueday command', vault: vaultOf(env) });
  try {
    return await work(db, store.url);
  } finally {
    await db.close();
    await store.stop();
    await log.close();
  }
}
