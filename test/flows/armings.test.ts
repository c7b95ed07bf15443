import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { armCharging, lookAtArming } from '../../src/flows/charging/arm-charging.ts';
import { mayCharge } from '../../src/flows/control/may-charge.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import { chargingKeyOf } from '../../src/infra/environment/charging-key.ts';
import { readEnv } from '../../src/infra/environment/env.ts';
import { chargingState, stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { examine } from '../../src/wire/doctor.ts';
import { testDatabase } from '../support/database.ts';
import { asRole } from '../support/role.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';

/* Letting charging go on, after a failover above all, leaves for good who did it and why. */

const made = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', db: made.db, admin: made.admin });
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const testKey = { XENDIT_SECRET_KEY: 'xnd_development_canary0one', XENDIT_WEBHOOK_TOKEN: 't' };
const liveKey = { XENDIT_SECRET_KEY: 'xnd_production_canary', XENDIT_WEBHOOK_TOKEN: 't' };
const wayan = { actor: 'cli:wayan', reason: 'the standby was promoted, the old primary is fenced' };

/** A daemon that was started with these variables. */
function daemonWith(variables: Readonly<Record<string, string>>, more: Partial<AccountContext> = {}): AccountContext {
  return { ...world.ctx, key: chargingKeyOf(readEnv(variables)), ...more };
}

/** As whoever reads the table has them, in their order. */
async function armings() {
  return await world.ask(sql`select number, armed_at = ${world.now().toString()} as now, mode, fingerprint, system, database,
    tables, files, timeline, to_json(differences) as differences, stopped_for, asks_first, reason, actor
    from armings order by number`);
}

/** What `dueday doctor` says about arming. */
async function doctor(variables: Readonly<Record<string, string>>): Promise<string> {
  const catalog = fileURLToPath(new URL('../fixtures/catalog.yaml', import.meta.url));
  const nobody = { XENDIT_API_URL: 'http://127.0.0.1:9', CATALOG_FILE: catalog };
  const findings = await examine(readEnv({ ...nobody, ...variables, DATABASE_URL: made.url }));
  const said = findings.filter(({ what }) => what === 'arming');
  return said.map(({ ok, detail }) => `${ok ? 'ok' : 'fault'}: ${detail}`).join('\n');
}

/** The same daemon, to whom `happens` just before it arms for the first time. */
function beforeArming(ctx: AccountContext, happens: () => Promise<unknown>): AccountContext {
  let happened = false;
  const run: typeof world.db.run = async (query) => {
    if (!happened && statementOf(query).text.includes('insert into armings')) {
      happened = true;
      await happens();
    }
    return await ctx.db.run(query);
  };
  return { ...ctx, db: { ...ctx.db, run } };
}

/** Each who comes waits until so many have come. */
function meetingOf(count: number): () => Promise<void> {
  const complete = Promise.withResolvers<void>();
  let come = 0;
  return async () => {
    come += 1;
    if (come === count) complete.resolve();
    await complete.promise;
  };
}

describe('each arming leaves its row', () => {
  test('a harmless key that arms by itself: who, when, why and what', async () => {
    const daemon = daemonWith(testKey);
    await mayCharge(daemon);
    await mayCharge(daemon);
    const { place } = (await chargingState(world.db, '')).seen;
    expect(await armings()).toEqual([
      {
        number: 1,
        now: true,
        mode: 'test',
        fingerprint: daemon.key.fingerprint,
        ...place,
        differences: [],
        stopped_for: null,
        asks_first: false,
        reason: 'a test key moves no money, and the database was never armed',
        actor: 'dueday',
      },
    ]);
    expect(await doctor(testKey)).toBe(
      'ok: armed for this test key at 2026-01-31T02:00:00Z by dueday, because: a test key moves no money, and the database was never armed',
    );
  });

  test('several daemons at once: one', async () => {
    const allLooked = meetingOf(6);
    const daemons = Array.from({ length: 6 }, () => beforeArming(daemonWith(testKey), allLooked));
    const answers = await Promise.all(daemons.map((daemon) => mayCharge(daemon)));
    expect(answers.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'yes'));
    expect(await armings()).toMatchObject([{ number: 1, actor: 'dueday' }]);
  });

  test('a person, with and without a reason, and what they were shown', async () => {
    const daemon = daemonWith(liveKey);
    await armCharging(daemon, null, siti);
    expect(await doctor(liveKey)).toMatch(/^ok: armed .* by cli:siti, who gave no reason$/);
    await world.ask(sql`update charging set timeline = timeline + 7`);
    await stopCharging(world.db, '', world.now(), 'Xendit does not know the key.');
    world.moveTo('2026-02-01T02:00:00Z');
    expect(await doctor(liveKey)).toMatch(/^fault: a standby was promoted.* at 2026-01-31T02:00:00Z by cli:siti, who/);
    const shown = await lookAtArming(daemon);
    expect(shown.lastArmed).toEqual({ at: '2026-01-31T02:00:00Z', ...siti });
    await armCharging(daemon, null, wayan, shown);
    expect(await armings()).toMatchObject([
      { number: 1, now: false, ...siti, differences: ['the live key meets a database that was never armed'] },
      { number: 2, now: true, mode: 'live', ...wayan, differences: shown.differences, asks_first: true },
    ]);
    expect(shown.differences).toEqual([expect.stringContaining('a standby was promoted')]);
    expect((await armings())[1]?.stopped_for).toMatch(/^not armed: a standby .*; Xendit does not know the key\.$/);
    expect(await doctor(liveKey)).toMatch(
      /^ok: .* at 2026-02-01T02:00:00Z by cli:wayan, because: the standby was prom/,
    );
  });

  test('two people who were shown the same at once: one, and the other is refused', async () => {
    await mayCharge(daemonWith(testKey));
    const shown = await lookAtArming(daemonWith(testKey));
    // At one and the same instant, since the clock stands still: the time alone does not tell the two apart.
    const bothLooked = meetingOf(2);
    const arm = (by: typeof siti) => armCharging(beforeArming(daemonWith(testKey), bothLooked), null, by, shown);
    const answers = await Promise.all([arm(siti), arm(wayan)]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['armed', 'refused']);
    expect(await armings()).toHaveLength(2);
  });

  test('a stop that came after the look is not lifted unseen, and the row names what was lifted', async () => {
    const daemon = daemonWith(testKey);
    await mayCharge(daemon);
    const stops = () => stopCharging(world.db, '', world.now(), 'Xendit does not know the key.');
    const late = await armCharging(beforeArming(daemon, stops), null, siti, await lookAtArming(daemon));
    expect(late).toMatchObject({ kind: 'refused' });
    expect((await chargingState(world.db, '')).reason).toBe('Xendit does not know the key.');
    expect(await armings()).toHaveLength(1);
    await armCharging(daemon, null, siti);
    expect(await armings()).toMatchObject([{}, { stopped_for: 'Xendit does not know the key.', actor: 'cli:siti' }]);
  });
});

describe('no row', () => {
  test('where arming was refused, or only looked at', async () => {
    const barred = daemonWith({ ...liveKey, DUEDAY_CLOCK: 'virtual' });
    expect(await armCharging(barred, null, siti)).toMatchObject({ kind: 'refused' });
    expect(await armCharging(daemonWith(testKey), 'live', siti)).toMatchObject({ kind: 'refused' });
    await lookAtArming(daemonWith(liveKey));
    await doctor(liveKey);
    expect(await armings()).toEqual([]);
  });

  test('no arming: what cannot be written down is not armed', async () => {
    await world.ask(sql`insert into armings (number, armed_at, mode, fingerprint, system, database, tables, timeline,
      differences, asks_first, actor) values (1, now(), 'live', '', '', '', '', 1, '{}', false, 'in the way')`);
    await expect(armCharging(daemonWith(liveKey), null, siti)).rejects.toThrow();
    expect(await chargingState(world.db, '')).toMatchObject({ armed: null, arming: 0 });
    expect(await mayCharge(daemonWith(liveKey))).toMatchObject({ kind: 'no' });
  });
});

test('what a version armed that keeps no record is told as such, not as the arming before', async () => {
  await armCharging(daemonWith(testKey), null, wayan);
  const olderArms = () => world.ask(sql`update charging set armed_at = '2026-01-31T05:00:00Z'`);
  const shown = await lookAtArming(daemonWith(testKey));
  const late = await armCharging(beforeArming(daemonWith(testKey), olderArms), null, siti, shown);
  expect(late).toMatchObject({ kind: 'refused' });
  expect(await doctor(testKey)).toBe('ok: armed for this test key at 2026-01-31T05:00:00.000Z, by whom was not kept');
  expect(await lookAtArming(daemonWith(testKey))).toMatchObject({ lastArmed: null });
});

test('a row holds the hash of the key, never the key', async () => {
  await armCharging(daemonWith(liveKey), null, wayan);
  expect(JSON.stringify([await armings(), world.logged])).not.toContain('canary');
});

const owner = openDatabase({ url: asRole(made.adminUrl, 'dueday_owner'), poolSize: 1 });
afterAll(() => owner.close());

test.each([
  ['UPDATE', sql`update armings set reason = 'another one'`],
  ['DELETE', sql`delete from armings`],
  ['TRUNCATE', sql`truncate armings`],
])('%s is refused to everybody, the owner included', async (what, statement) => {
  await armCharging(daemonWith(liveKey), null, wayan);
  const before = await armings();
  for (const db of [owner, made.admin]) await expect(db.run(statement)).rejects.toThrow(`armings: ${what} is refused`);
  await expect(made.db.run(statement)).rejects.toMatchObject({ code: '42501' });
  expect(await armings()).toEqual(before);
});
