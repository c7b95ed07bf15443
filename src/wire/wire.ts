import { randomBytes } from 'node:crypto';
import type { Context, Daemon } from '../context.ts';
import { startAtWork } from '../entry/scheduler/at-work.ts';
import type { Scheduler } from '../entry/scheduler/scheduler.ts';
import { makeLink } from '../flows/access/sign-in.ts';
import { catalogAtStart } from '../flows/catalog/read-catalog.ts';
import { whyDiffers } from '../infra/catalog-file/catalog-source.ts';
import type { Catalogs } from '../infra/catalog-file/catalogs.ts';
import { type Database, openDatabase } from '../infra/database/db.ts';
import { withGroups } from '../infra/database/groups.ts';
import { startEmbedded } from '../infra/embedded-postgres/embedded.ts';
import { chargingKeyOf } from '../infra/environment/charging-key.ts';
import type { Env } from '../infra/environment/env.ts';
import { withFreePorts } from '../infra/environment/free-port.ts';
import { webhookAddress } from '../infra/environment/own-address.ts';
import { settingsBeside, writeFacts } from '../infra/environment/run-file.ts';
import { vaultOf } from '../infra/environment/vault-source.ts';
import { failpoint, type Passing } from '../infra/failpoints.ts';
import type { Gateway } from '../infra/gateway/gateway.ts';
import { newBucket, newId } from '../infra/ids.ts';
import { leaseOf } from '../infra/lease.ts';
import { createLogger, errorFacts, type Log } from '../infra/logger.ts';
import { metrics } from '../infra/metrics.ts';
import { namingHolders } from '../infra/tables/control/lock-holders.ts';
import { monotonic, sleep } from '../infra/timer.ts';
import { resumeAfterRestart, tellAtStart } from './after-start.ts';
import { openApi, openDoors, openPages } from './http.ts';
import { openIntake, readyIntake } from './intake.ts';
import { readySchema, watchSchema } from './schema.ts';
import { readyVault, sealWhatIsOlder } from './vault.ts';
import { clockOf, connectXendit, factsOf, refuseSecondSandbox } from './xendit.ts';

const allBuckets: readonly number[] = Array.from({ length: 256 }, (_, bucket) => bucket);
/** Beyond the gateway's total deadline, for the settlement of its answers: the longest that a statement may take. */
const SETTLING_MS = 35_000;

/** `adopted`: another process runs it, and ends it. */
export type Store = {
  readonly url: string;
  readonly embedded: boolean;
  readonly adopted: boolean;
  /** Where a person looks when no server is there; unset: where DATABASE_URL leads. */
  readonly lookThere?: string;
  stop(): Promise<void>;
};

/** The database: the admin's, or a Postgres of our own. `lost` is told when ours is gone for good. */
export async function openStore(env: Env, log: Log, lost: (why: string) => void = () => undefined): Promise<Store> {
  if (env.databaseUrl !== null)
    return { url: env.databaseUrl, embedded: false, adopted: false, stop: async () => undefined };
  const { url, adopted, logFile, stop } = await startEmbedded({
    dataDir: env.dataDir,
    log: (message) => log.info('embedded postgres', { message }),
    tell: (message) => log.warn('embedded postgres', { message }),
    lost,
  });
  const lookThere = `The embedded Postgres is not there just now; its log is ${logFile}.`;
  return { url, embedded: true, adopted, lookThere, stop };
}

/** For `openDatabase`. */
export function placeOf({ url, lookThere }: Store): { readonly url: string; readonly lookThere?: string } {
  return { url, ...(lookThere === undefined ? {} : { lookThere }) };
}

type Parts = {
  readonly env: Env;
  readonly log: Log;
  readonly db: Database;
  readonly catalog: Catalogs;
  readonly gateway: Gateway;
  readonly stopping: AbortSignal;
  readonly counters: Context['counters'];
  readonly wake: () => void;
  readonly clockMoved: Context['clockMoved'];
  readonly xenditBooks: Context['xenditBooks'];
  readonly failpoint?: Passing | undefined;
};

export function contextOf(parts: Parts): Context {
  const { env, db, stopping } = parts;
  return {
    ...parts,
    key: chargingKeyOf(env),
    clock: clockOf(env, db),
    publicUrl: env.publicUrl,
    buckets: allBuckets,
    requestsPerMinute: env.requestsPerMinute,
    lease: leaseOf(env.leaseSeconds),
    newId,
    newBucket,
    sleep: (milliseconds) => sleep(milliseconds, stopping),
    monotonic,
  };
}

/** The whole daemon: database, gateway or sandbox, HTTP and scheduler. Throws when it cannot run; nothing is left behind then. */
export async function startDaemon(given: Env): Promise<Daemon> {
  const env = await withFreePorts(given);
  const log = createLogger(env.logLevel);
  const undo: (() => Promise<void>)[] = [() => log.close()];
  try {
    return await assemble(env, log, undo);
  } catch (error) {
    for (const close of undo.reverse()) await close();
    throw error;
  }
}

async function assemble(env: Env, log: Log, undo: (() => Promise<void>)[]): Promise<Daemon> {
  const lost = Promise.withResolvers<string>();
  const store = await openStore(env, log, lost.resolve);
  undo.push(store.stop);
  if (store.adopted) await refuseSecondSandbox(env);
  const db = openDatabase({ ...placeOf(store), poolSize: 10, applicationName: 'dueday', vault: vaultOf(env) });
  undo.push(() => db.close());
  return await namingHolders(db, () => furnish(env, log, undo, store, db, lost));
}

async function furnish(
  env: Env,
  log: Log,
  undo: (() => Promise<void>)[],
  store: Store,
  opened: Database,
  lost: PromiseWithResolvers<string>,
): Promise<Daemon> {
  const place = placeOf(store);
  const intake = openIntake(env, place, opened.vault);
  const api = openApi(place, opened.vault);
  undo.push(() => Promise.all([intake.close(), api.close()]).then(() => undefined));
  const passing = env.failpoint === null ? undefined : failpoint(env.failpoint);
  await readySchema(store.url, opened, log, passing);
  const db = await withGroups(opened);
  await readyIntake(env, db, intake, log);
  await readyVault(db, log);
  const appliesItself = env.xendit === null;
  const start = await catalogAtStart({ db, log, clock: clockOf(env, db) }, env.catalogFile, appliesItself);
  const pages = openPages(place, db);
  undo.push(() => pages.close());
  const catalog = start.catalogs;
  const ending = new AbortController();
  const xendit = await connectXendit(env, db, undo, ending.signal, passing);
  const stop = new AbortController();
  const measured = metrics();
  let wake: () => void = () => undefined;
  const parts = {
    env,
    log,
    db,
    catalog,
    gateway: xendit.gateway,
    stopping: stop.signal,
    counters: measured,
    wake: () => wake(),
    clockMoved: xendit.clockMoved,
    xenditBooks: { since: xendit.sandbox?.since ?? null },
    failpoint: passing,
  };
  const ctx = contextOf(parts);
  await resumeAfterRestart(db, log);
  const madeKey = env.apiKey === null && env.xendit === null ? `due_${randomBytes(24).toString('base64url')}` : null;
  let notReady: string | null = 'starting';
  let scheduler: Scheduler | null = null;
  const readiness = {
    notReady: () => notReady ?? scheduler?.standsStill() ?? null,
    catalogDiffers: () => whyDiffers(env.catalogFile, catalog.current, appliesItself),
    showMetrics: measured.show,
    metricsText: measured.text,
    metricsType: measured.contentType,
  };
  const doors = await openDoors(env, ctx, {
    api: contextOf({ ...parts, db: { ...api, groups: db.groups } }),
    pages,
    bootstrapKey: env.apiKey ?? madeKey,
    readiness,
    webhooks: { ctx: contextOf({ ...parts, db: intake }), tokens: xendit.webhookTokens },
    lost: lost.resolve,
  });
  undo.push(() => doors.close());
  passing?.('before-listening');
  await doors.listen();
  passing?.('after-listening');
  // Now that nothing keeps this process from its work, every other one goes by its catalog too, where it brought one.
  await start.putInForce();
  await tellAtStart(ctx);
  const started = startAtWork(ctx, measured.runEnded);
  scheduler = started;
  wake = started.wake;
  const signInUrl =
    xendit.sandbox === null ? null : `${env.publicUrl.replace(/\/+$/, '')}/sign-in/${await makeLink(ctx)}`;
  const sealing = store.embedded ? sealWhatIsOlder(ctx) : null;
  undo.push(async () => void (await sealing));
  notReady = null;
  const unwatch = watchSchema(db, log, (why) => {
    notReady = why;
    stop.abort();
  });
  if (env.databaseUrl === null) writeFacts(env, { apiKey: madeKey, ...factsOf(xendit.sandbox) });
  return {
    ctx,
    url: env.publicUrl,
    webhookUrl: webhookAddress(env),
    sandboxUrl: xendit.sandbox?.url ?? null,
    madeKey,
    signInUrl,
    settingsBeside: settingsBeside(env, madeKey),
    lost: lost.promise,
    async stop() {
      notReady = 'stopping';
      stop.abort();
      ending.abort();
      unwatch();
      const isWhole = await within(ctx.lease.gatewayDeadlineMs + SETTLING_MS, started.stop());
      const way_out = 'none needed: a look-up tells what became of it when its lease is over';
      if (!isWhole) log.error('ended before everything was settled', { way_out });
      for (const close of undo.reverse())
        await close().catch((error: unknown) => log.warn('close failed', errorFacts(error)));
      return isWhole;
    },
  };
}

/** What it answers, or false after so long. The wait must not outlive what it waits for: it would keep the process alive. */
async function within(milliseconds: number, ended: Promise<boolean>): Promise<boolean> {
  const done = new AbortController();
  const late = sleep(milliseconds, done.signal).then(() => false);
  return await Promise.race([ended, late]).finally(() => done.abort());
}
