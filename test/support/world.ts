import { readFileSync } from 'node:fs';
import { type SQL, sql } from 'drizzle-orm';
import { afterAll } from 'vitest';
import type { AccountContext, Context } from '../../src/context.ts';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { OWN_ACCOUNT } from '../../src/domain/control/account.ts';
import { toldAhead } from '../../src/flows/edits/owing-notices.ts';
import { receiveWebhook } from '../../src/flows/inbox/receive-webhook.ts';
import { followSession } from '../../src/flows/onboarding/check-onboardings.ts';
import type { CreateInput } from '../../src/flows/subscriptions/create-input.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { workDue } from '../../src/flows/time/work-due.ts';
import { listCharges, showCharge, type WholeChargeView } from '../../src/flows/views/list-charges.ts';
import { showSubscription } from '../../src/flows/views/list-subscriptions.ts';
import type { SubscriptionView } from '../../src/flows/views/subscription-view.ts';
import { readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import { catalogsOf } from '../../src/infra/catalog-file/catalogs.ts';
import { type Database, type Door, databaseThrough, openDoor } from '../../src/infra/database/db.ts';
import { newBucket, newId } from '../../src/infra/ids.ts';
import { LEASE_SECONDS, leaseOf } from '../../src/infra/lease.ts';
import type { Log } from '../../src/infra/logger.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { storeCatalog } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { nextDue } from '../../src/infra/tables/subscriptions/agenda.ts';
import { onboardingsOf } from '../../src/infra/tables/subscriptions/subscriptions.ts';
import { monotonic } from '../../src/infra/timer.ts';
import { createInput } from './create-input.ts';
import { keepingPlans, testDatabase } from './database.ts';
import { empty } from './empty.ts';
import { type ScriptedGateway, scriptedGateway } from './scripted-gateway.ts';

export const plainCatalog = readFileSync(new URL('../fixtures/catalog.yaml', import.meta.url), 'utf8');

export type World = {
  readonly ctx: AccountContext;
  readonly db: Database;
  /** Another daemon on the same database, with connections of its own; `more` replaces parts of its context. */
  another(more?: Partial<AccountContext>): AccountContext;
  readonly gateway: ScriptedGateway;
  /** What was logged, a line each. */
  readonly logged: readonly { readonly level: string; readonly event: string; readonly facts: object }[];
  now(): Temporal.Instant;
  /** The clock stands still until it is moved, and moves without doing any work. */
  moveTo(instant: string): void;
  /** All work that is due now. */
  work(): Promise<void>;
  /** The same, done by another daemon. */
  workAs(daemon: Context): Promise<void>;
  /** Moves from due instant to due instant, working at each, like the test clock. */
  liveUntil(instant: string, daemon?: Context): Promise<void>;
  /** A customer who saves a card at once; answers the subscription's id. */
  onboard(
    reference: string,
    plan?: string,
    more?: Partial<CreateInput>,
    token?: Parameters<ScriptedGateway['completes']>[1],
  ): Promise<string>;
  create(reference: string, plan?: string, more?: Partial<CreateInput>): Promise<string>;
  saveMethod(subscriptionId: string, token?: Parameters<ScriptedGateway['completes']>[1]): Promise<string>;
  subscription(id: string): Promise<SubscriptionView>;
  charges(id: string): Promise<readonly WholeChargeView[]>;
  /** The charge of this cycle. */
  charge(id: string, cycle?: number): Promise<WholeChargeView>;
  /** The kinds of the ledger's entries, oldest first. */
  told(id: string): Promise<readonly string[]>;
  /** What the database says, straight, to somebody who may read and write everything. */
  ask<T = Record<string, unknown>>(query: SQL): Promise<readonly T[]>;
  /** The same by somebody whom the database's guards do not stop. */
  above(statement: string): Promise<void>;
  /** Xendit delivers this webhook; it is processed by the next work. */
  receives(body: object): Promise<'new' | 'known'>;
  /** Empties the database and forgets what was scripted; the catalog and the clock's right to go back remain. */
  startOver(at: string): Promise<void>;
};

/** One world a test file: real Postgres, a scripted gateway, a clock that stands still. */
export async function testWorld(options: {
  readonly at: string;
  readonly catalog?: string;
  readonly db?: Database;
  /** The same database for somebody whom its guards do not stop; unless given, `db` is such a one. */
  readonly admin?: Database;
  /** Where the given database is, for others who work on it. */
  readonly url?: string;
}): Promise<World> {
  const given = (db: Database) => ({ db, admin: options.admin ?? db, url: options.url ?? null });
  const made = options.db === undefined ? await testDatabase() : given(options.db);
  const { db, admin } = made;
  let now = Temporal.Instant.from(options.at);
  const gateway = scriptedGateway();
  const logged: { level: string; event: string; facts: object }[] = [];
  const source = options.catalog ?? plainCatalog;
  const read = readCatalog(source, 'catalog.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const version = await storeCatalog(db, read.catalog.digest, source, now);
  const stop = new AbortController();
  /** Those of the other daemons, which those of the next test use again: a connection plans each statement once. */
  const doors: Door[] = [];
  let daemons = 0;
  afterAll(async () => {
    stop.abort();
    await Promise.all(doors.map((door) => door.close()));
  });
  const ctx: AccountContext = {
    account: OWN_ACCOUNT,
    db,
    gateway,
    key: { mode: 'sandbox', fingerprint: 'sandbox', barred: null },
    clock: { kind: 'virtual', now: async () => now },
    publicUrl: 'https://billing.example',
    catalog: catalogsOf(db, { ...read.catalog, version }),
    log: recordingLog(logged),
    buckets: Array.from({ length: 256 }, (_, bucket) => bucket),
    requestsPerMinute: null,
    lease: leaseOf(LEASE_SECONDS),
    newId,
    newBucket,
    sleep: async () => undefined,
    monotonic,
    stopping: stop.signal,
    wake: () => undefined,
    clockMoved: async () => undefined,
    xenditBooks: { since: null },
    counters: { attemptSettled: () => undefined, gatewayCall: () => undefined, decided: () => undefined },
  };
  const world: World = {
    ctx,
    db,
    another(more = {}) {
      if (made.url === null) throw new Error('This world was given its database.');
      const url = keepingPlans(made.url);
      const door = doors[daemons] ?? openDoor({ url, poolSize: 4, applicationName: 'dueday another' });
      doors[daemons] = door;
      daemons += 1;
      // A database of its own all the same: what a daemon remembers, it remembers by it.
      const own = databaseThrough(door, db.vault);
      return { ...ctx, db: own, catalog: catalogsOf(own, { ...read.catalog, version }), ...more };
    },
    gateway,
    logged,
    now: () => now,
    moveTo(instant) {
      now = Temporal.Instant.from(instant);
    },
    work: () => workDue(ctx),
    workAs: (daemon) => workDue(daemon),
    async liveUntil(instant, daemon = ctx) {
      const target = Temporal.Instant.from(instant);
      await workDue(daemon);
      while (Temporal.Instant.compare(now, target) < 0) {
        const due = await nextDue(db, ctx.buckets, now, toldAhead(ctx.catalog.current));
        now = due === null || Temporal.Instant.compare(due, target) > 0 ? target : due;
        await workDue(daemon);
      }
    },
    async create(reference, plan = 'monthly', more = {}) {
      const created = await createSubscription(ctx, createInput(reference, plan, more));
      if (created.kind !== 'created' && created.kind !== 'known') throw new Error(JSON.stringify(created));
      return created.dossier.subscription.id;
    },
    async saveMethod(subscriptionId, token) {
      const [onboarding] = await onboardingsOf(db, bucketOf(subscriptionId), subscriptionId);
      if (onboarding === undefined) throw new Error('There is no session.');
      const tokenId = gateway.completes(onboarding.sessionId, token);
      await completeNow(ctx, onboarding);
      return tokenId;
    },
    async onboard(reference, plan, more, token) {
      const id = await world.create(reference, plan, more);
      await world.saveMethod(id, token);
      return id;
    },
    async subscription(id) {
      const view = await showSubscription(ctx, id);
      if (view === null) throw new Error(`There is no subscription ${id}.`);
      return view;
    },
    async charges(id) {
      const page = await listCharges(ctx, { subscription: id }, null, 500);
      const whole = await Promise.all(page.data.map((charge) => showCharge(ctx, charge.id)));
      return whole.filter((charge) => charge !== null);
    },
    async charge(id, cycle = 0) {
      const charge = (await world.charges(id)).find((one) => one.cycle === cycle);
      if (charge === undefined) throw new Error(`Subscription ${id} has no charge for cycle ${cycle}.`);
      return charge;
    },
    told: async (id) => (await chainOf(db, bucketOf(id), id)).map((entry) => String(entry.kind)),
    ask: (query) => admin.run(query),
    async above(statement) {
      await admin.run(sql.raw(`do $$ begin set local session_replication_role = replica; ${statement}; end $$`));
    },
    receives: (body) => receiveWebhook(ctx, { raw: JSON.stringify(body), body, webhookId: null }),
    async startOver(at) {
      await empty(admin);
      daemons = 0;
      gateway.forget();
      logged.length = 0;
      now = Temporal.Instant.from(at);
    },
  };
  return world;
}

async function completeNow(ctx: Context, onboarding: Awaited<ReturnType<typeof onboardingsOf>>[number]): Promise<void> {
  const session = await ctx.gateway.as('').session(onboarding.sessionId);
  if (session.kind !== 'ok') throw new Error('There is no session.');
  await followSession(ctx, onboarding, session.value, await ctx.clock.now());
}

function recordingLog(lines: { level: string; event: string; facts: object }[]): Log {
  const at =
    (level: string) =>
    (event: string, facts: object = {}) =>
      void lines.push({ level, event, facts });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), close: async () => undefined };
}
