import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { armCharging } from '../../src/flows/charging/arm-charging.ts';
import { mayCharge } from '../../src/flows/control/may-charge.ts';
import { overview } from '../../src/flows/views/overview.ts';
import { connection, withDatabase } from '../../src/infra/database/connection.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import { chargingKeyOf } from '../../src/infra/environment/charging-key.ts';
import { readEnv } from '../../src/infra/environment/env.ts';
import { masked } from '../../src/infra/secrets.ts';
import { stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { examine } from '../../src/wire/doctor.ts';
import { testDatabase } from '../support/database.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';

const made = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', db: made.db, admin: made.admin });
const { gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const testKey = { XENDIT_SECRET_KEY: 'xnd_development_canary0one', XENDIT_WEBHOOK_TOKEN: 't' };
const otherTestKey = { XENDIT_SECRET_KEY: 'xnd_development_canary0two', XENDIT_WEBHOOK_TOKEN: 't' };
const liveKey = { XENDIT_SECRET_KEY: 'xnd_production_canary', XENDIT_WEBHOOK_TOKEN: 't' };
const virtual = { ...liveKey, DUEDAY_CLOCK: 'virtual' };

type Variables = Readonly<Record<string, string>>;

/** A daemon that was started with these variables. */
function daemonWith(variables: Variables, more: Partial<AccountContext> = {}): AccountContext {
  return { ...world.ctx, key: chargingKeyOf(readEnv(variables)), ...more };
}

/** What `dueday doctor` says about arming. */
async function doctor(variables: Variables, url = made.url): Promise<string> {
  const catalog = fileURLToPath(new URL('../fixtures/catalog.yaml', import.meta.url));
  const nobody = { XENDIT_API_URL: 'http://127.0.0.1:9', CATALOG_FILE: catalog };
  const findings = await examine(readEnv({ ...nobody, ...variables, DATABASE_URL: url }));
  const said = findings.filter(({ what }) => what === 'arming');
  return said.map(({ ok, detail }) => `${ok ? 'ok' : 'fault'}: ${detail}`).join('\n');
}

/** Opens the charge and charges nothing, though it is due; reading goes on, and everybody is told why. */
async function expectDisarmed(daemon: AccountContext, id: string, why: string): Promise<void> {
  await world.workAs(daemon);
  await world.workAs(daemon);
  expect(gateway.sent).toEqual([]);
  expect(await world.charge(id)).toMatchObject({ status: 'due', attempts: [] });
  const reason = expect.stringContaining(why) as string;
  expect(await overview(daemon)).toMatchObject({ charging: 'disarmed', reason, dueCharges: 1 });
}

async function expectArmed(daemon: AccountContext, id: string): Promise<void> {
  await world.workAs(daemon);
  expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }] });
  expect(gateway.payments).toHaveLength(1);
}

describe('arming', () => {
  test.each([
    ['the sandbox', {}],
    ['a test key', testKey],
  ])('%s arms a database that was never armed by itself', async (_, variables) => {
    expect(await doctor(variables)).toMatch(/^ok: not yet/);
    const id = await world.onboard('order-1');
    await expectArmed(daemonWith(variables), id);
    expect(await doctor(variables)).toMatch(/^ok: armed/);
  });

  test('several daemons at once arm it once, and all of them charge', async () => {
    const daemons = Array.from({ length: 6 }, () => daemonWith(testKey));
    const answers = await Promise.all(daemons.map((daemon) => mayCharge(daemon)));
    expect(answers.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'yes'));
    expect(world.logged.filter(({ event }) => event === 'charging armed itself')).toHaveLength(1);
  });

  test('says which cluster it was armed on, in words that the log does not take for a card number', async () => {
    await mayCharge(daemonWith(testKey));
    await world.ask(sql`update charging set system = '4111111111111111111'`);
    const reason = expect.stringContaining('armed was pg-4111111111111111111') as string;
    const allowed = await mayCharge(daemonWith(testKey));
    expect(allowed).toMatchObject({ kind: 'no', reason });
    if (allowed.kind === 'no') expect(masked(allowed.reason)).toBe(allowed.reason);
  });

  test('a live key that a database has never seen charges nothing until a person arms it', async () => {
    const daemon = daemonWith(liveKey);
    const id = await world.onboard('order-1');
    await expectDisarmed(daemon, id, 'a database that was never armed');
    expect(await doctor(liveKey)).toMatch(/^fault: the live key meets a database that was never armed/);
    expect(await armCharging(daemon, null, siti)).toMatchObject({
      kind: 'armed',
      arming: { was: null, asksFirst: true },
    });
    expect(await doctor(liveKey)).toMatch(/^ok/);
    world.moveTo('2026-01-31T02:06:00Z');
    await expectArmed(daemon, id);
  });

  test.each([
    ['a live key where a test key was armed', testKey, liveKey, 'it is a live key, armed was a test one'],
    ['a test key where a live key was armed', liveKey, testKey, 'it is a test key, armed was a live one'],
    ['the sandbox where a test key was armed', testKey, {}, 'it is a sandbox key, armed was a test one'],
    ['another key of the same mode', testKey, otherTestKey, 'it is another test key'],
  ])('%s charges nothing; the one that is armed does', async (_, armed, met, why) => {
    await armCharging(daemonWith(armed), null, siti);
    const id = await world.onboard('order-1');
    await expectDisarmed(daemonWith(met), id, why);
    expect(await doctor(met)).toContain(`fault: ${why}`);
    world.moveTo('2026-01-31T02:06:00Z');
    await expectArmed(daemonWith(armed), id);
  });

  test('arming another key disarms the one before', async () => {
    await armCharging(daemonWith(testKey), null, siti);
    await armCharging(daemonWith(otherTestKey), null, siti);
    const id = await world.onboard('order-1');
    await expectDisarmed(daemonWith(testKey), id, 'it is another test key');
    await expectArmed(daemonWith(otherTestKey), id);
  });

  test('the wrong environment does not disarm a live daemon: the mode must be said', async () => {
    await armCharging(daemonWith(liveKey), null, siti);
    expect(await armCharging(daemonWith({}), null, siti)).toMatchObject({ kind: 'refused' });
    expect(await armCharging(daemonWith({}), 'live', siti)).toMatchObject({ kind: 'refused' });
    expect(await mayCharge(daemonWith(liveKey))).toMatchObject({ kind: 'yes' });
    expect(await armCharging(daemonWith({}), 'sandbox', siti)).toMatchObject({ kind: 'armed' });
    expect(await mayCharge(daemonWith(liveKey))).toMatchObject({ kind: 'no' });
  });

  test('a live key with a virtual clock charges nothing, armed or not; unset, it goes on', async () => {
    await armCharging(daemonWith(liveKey), null, siti);
    const id = await world.onboard('order-1');
    await expectDisarmed(daemonWith(virtual), id, 'DUEDAY_CLOCK=virtual');
    expect(await armCharging(daemonWith(virtual), null, siti)).toMatchObject({ kind: 'refused' });
    await expectDisarmed(daemonWith(virtual), id, 'DUEDAY_CLOCK=virtual');
    expect(await doctor(virtual)).toMatch(/^fault: DUEDAY_CLOCK=virtual/);
    world.moveTo('2026-01-31T02:06:00Z');
    await expectArmed(daemonWith(liveKey), id);
  });

  test('tables that were read back from a dump are not the ones that were armed', async () => {
    await mayCharge(daemonWith(testKey));
    const id = await world.onboard('order-1');
    // What `pg_restore --clean` does to a table.
    await world.above(`create table read_back (like charging including all);
      insert into read_back select * from charging; drop table charging; alter table read_back rename to charging;
      grant select, update on charging to dueday_app`);
    await expectDisarmed(daemonWith(testKey), id, 'its tables were made anew');
    expect(await doctor(testKey)).toContain('restored from a dump');
    expect(await armCharging(daemonWith(testKey), null, siti)).toMatchObject({
      kind: 'armed',
      arming: { asksFirst: true },
    });
    world.moveTo('2026-01-31T02:06:00Z');
    await expectArmed(daemonWith(testKey), id);
  });

  test('a stop is not lifted by the arming that a harmless key does itself', async () => {
    await stopCharging(world.db, '', world.now(), 'Xendit does not know the key.');
    expect(await mayCharge(daemonWith(testKey))).toEqual({ kind: 'no', reason: 'Xendit does not know the key.' });
    await armCharging(daemonWith(testKey), null, siti);
    expect(await mayCharge(daemonWith(testKey))).toMatchObject({ kind: 'yes' });
  });

  test('what is not armed is told once, and names no key', async () => {
    await world.onboard('order-1');
    const daemon = daemonWith(liveKey);
    await world.workAs(daemon);
    await world.workAs(daemon);
    const told = world.logged.filter(({ event }) => event === 'charging is not armed');
    expect(told).toMatchObject([{ level: 'error', facts: { why: expect.stringContaining('never armed') } }]);
    const row = await world.ask(sql`select * from charging`);
    expect(JSON.stringify([world.logged, row, await armCharging(daemon, null, siti)])).not.toContain('canary');
  });
});

describe('while the daemon runs', () => {
  test.each([
    ['a standby is promoted', sql`update charging set timeline = timeline + 1`],
    ['another server answers', sql`update charging set system = '1'`],
    ['another database answers', sql`update charging set database = '1'`],
    ['tables that were read back answer', sql`update charging set tables = '1'`],
    ['a key of another mode is armed', sql`update charging set mode = 'live'`],
    ['another key is armed', sql`update charging set fingerprint = 'other'`],
    ['rows may have been lost', sql`update charging set ask_since = now()`],
    ['another run is met', sql`update charging set run_since = now()`],
    ['charging is stopped', sql`update charging set stopped_at = now(), reason = 'stop'`],
  ])('between look and claim %s: nothing is sent', async (_, happens) => {
    const id = await world.onboard('order-1');
    let happened = false;
    let stops = false;
    const run: typeof world.db.run = async (query) => {
      // The claim is the first statement that writes an attempt: it happens just before.
      if (!happened && statementOf(query).text.includes('insert into attempts')) {
        happened = true;
        await world.db.run(happens);
      }
      return await world.db.run(query);
    };
    const daemon: AccountContext = {
      ...world.ctx,
      db: { ...world.db, run },
      // A claim that came to nothing is followed by a pause: there the daemon is told to end.
      sleep: async () => {
        stops = true;
      },
      stopping: {
        get aborted() {
          return stops;
        },
      } as AbortSignal,
    };
    await world.workAs(daemon);
    expect(happened).toBe(true);
    expect(gateway.sent).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'due', attempts: [] });
  });

  test('what was looked at before the server was started anew is not claimed', async () => {
    await mayCharge(world.ctx);
    const id = await world.onboard('order-1');
    await world.above(`update charging set run = 'before'`);
    let stops = false;
    const run: typeof world.db.run = async (query) => {
      const rows = await world.db.run<{ seen_start?: string }>(query);
      // Each look is answered by the run that was met last, which ends just then: the claim reaches one that nobody has met.
      return rows.map((row) => ('seen_start' in row ? { ...row, seen_start: 'before' } : row)) as never;
    };
    const daemon: AccountContext = {
      ...world.ctx,
      db: { ...world.db, run },
      sleep: async () => {
        stops = true;
      },
      stopping: {
        get aborted() {
          return stops;
        },
      } as AbortSignal,
    };
    await world.workAs(daemon);
    expect(gateway.sent).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'due', attempts: [] });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }] });
  });

  test('a card request is not sent again either', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    await world.ask(sql`update charging set timeline = timeline + 1`);
    world.moveTo('2026-01-31T03:00:00Z');
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    expect(gateway.asked.length).toBeGreaterThan(0);
    await armCharging(world.ctx, null, siti);
    world.moveTo('2026-01-31T04:00:00Z');
    await world.work();
    expect(gateway.sent).toHaveLength(2);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});

describe('a copy of the database', () => {
  test('charges nothing, though its rows say that it is armed; the original goes on', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    const url = await copyOf(made.url);
    const db = openDatabase({ url, poolSize: 4, applicationName: 'dueday copy' });
    afterAll(() => db.close());
    const copy = await testWorld({ at: '2026-02-01T02:00:00Z', db });
    await copy.work();
    expect(copy.gateway.sent).toEqual([]);
    expect(await copy.charge(id)).toMatchObject({ status: 'due', attempts: [{ number: 1 }] });
    expect(await doctor({}, url)).toContain('fault: it is another database of the same cluster');
    world.moveTo('2026-02-01T02:00:00Z');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await armCharging(copy.ctx, null, siti)).toMatchObject({ kind: 'armed', arming: { asksFirst: true } });
    expect(await doctor({}, url)).toMatch(/^ok/);
  });
});

/** As an admin would make one; the original's connections are in the way, so they are ended. */
async function copyOf(url: string): Promise<string> {
  const { adminUrl } = inject('postgres');
  const admin = connection(adminUrl, { max: 1 });
  const name = new URL(url).pathname.slice(1);
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`;
  await admin`create database ${admin(`${name}_copy`)} template ${admin(name)}`;
  afterAll(async () => {
    await admin`drop database if exists ${admin(`${name}_copy`)} with (force)`;
    await admin.end({ timeout: 5 });
  });
  return withDatabase(adminUrl, `${name}_copy`);
}
