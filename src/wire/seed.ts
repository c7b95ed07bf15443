import { readFileSync } from 'node:fs';
import type { SeedStage, SeedWish } from '../context.ts';
import { readCatalog } from '../infra/catalog-file/catalog-file.ts';
import { catalogsOf } from '../infra/catalog-file/catalogs.ts';
import { type Database, openDatabase } from '../infra/database/db.ts';
import { withGroups } from '../infra/database/groups.ts';
import { chargingKeyOf } from '../infra/environment/charging-key.ts';
import type { Env } from '../infra/environment/env.ts';
import { vaultOf } from '../infra/environment/vault-source.ts';
import { playedGateway } from '../infra/gateway/played/played-gateway.ts';
import type { Log } from '../infra/logger.ts';
import { orderedIds } from '../infra/ordered-ids.ts';
import { putInForce, storeCatalog } from '../infra/tables/catalog/catalog-versions.ts';
import { startTestClock } from '../infra/tables/control/test-clock.ts';
import { whyNotEmpty } from '../infra/tables/control/whether-empty.ts';
import { readySchema } from './schema.ts';
import { readyVault } from './vault.ts';
import { contextOf, openStore, placeOf } from './wire.ts';

const CONNECTIONS = 4;

/** Whatever goes wrong in a book that is made up is meant to. */
const unheard: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  close: async () => undefined,
};

/** An empty database with a clock of its own and a gateway inside this process, for a book that is made to be looked at. */
export async function openToSeed(given: Env, wish: SeedWish): Promise<SeedStage> {
  const env: Env = { ...given, clock: 'virtual' };
  if (env.xendit?.mode === 'live')
    throw new Error(
      'A made-up book has no place beside a live key: unset XENDIT_SECRET_KEY, or take one of test mode.',
    );
  const store = await openStore(env, unheard);
  const db = openDatabase({
    ...placeOf(store),
    url: inHaste(store.url),
    poolSize: CONNECTIONS,
    applicationName: 'dueday seed',
    vault: vaultOf(env),
  });
  const close = async () => {
    await db.close();
    await store.stop();
  };
  try {
    await readySchema(store.url, db, unheard);
    await readyVault(db, unheard);
    const why = await whyNotEmpty(db);
    if (why !== null) throw new Error(why);
    return { ...(await stage(env, await withGroups(db), wish)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Each statement is planned once, and no commit waits for the disk: what a crash would lose is made up again. */
function inHaste(url: string): string {
  const parsed = new URL(url);
  parsed.searchParams.set('plan_cache_mode', 'force_generic_plan');
  parsed.searchParams.set('synchronous_commit', 'off');
  return parsed.href;
}

async function stage(env: Env, db: Database, { from, script, firstEdition }: SeedWish) {
  await startTestClock(db, from);
  const catalogText = readFileSync(env.catalogFile, 'utf8');
  let now = from;
  const ids = orderedIds(() => now);
  const ctx = {
    ...contextOf({
      env,
      log: unheard,
      db,
      catalog: await firstInForce(db, firstEdition(catalogText), from),
      gateway: playedGateway(script, () => now),
      stopping: new AbortController().signal,
      counters: { attemptSettled: () => undefined, gatewayCall: () => undefined, decided: () => undefined },
      wake: () => undefined,
      clockMoved: async (moved) => {
        now = moved;
      },
      xenditBooks: { since: null },
    }),
    ...ids,
    key: chargingKeyOf(env),
    requestsPerMinute: null,
    sleep: async () => undefined,
  };
  return { ctx, catalogText };
}

async function firstInForce(db: Database, text: string, at: Temporal.Instant) {
  const read = readCatalog(text, 'catalog.yaml');
  if (!read.ok) throw new Error(`The catalog has faults: ${read.faults.map(({ message }) => message).join('; ')}`);
  const to = await storeCatalog(db, read.catalog.digest, text, at);
  const reason = 'the first catalog of this database';
  await putInForce(db, { from: null, to, shown: null, actor: 'start', reason, at });
  return catalogsOf(db, { ...read.catalog, version: to }, at);
}
