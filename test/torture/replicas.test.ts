import { sql } from 'drizzle-orm';
import pMap from 'p-map';
import { expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase } from '../../src/infra/database/db.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { adminKey } from '../support/api.ts';
import { nudge, takenBy } from '../support/crash-house.ts';
import { street } from '../support/customer.ts';
import {
  type Client,
  callbackToken,
  client,
  daemonVariables,
  eventually,
  freePort,
  type Json,
  secretKey,
  xenditVariables,
} from '../support/daemon.ts';
import { emptyDatabase } from '../support/database.ts';
import { unsound } from '../support/oracle.ts';
import { postOffice } from '../support/post-office.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { tally } from '../support/tally.ts';

const CUSTOMERS = 24;
const CYCLES = ['2040-02-07', '2040-02-14', '2040-02-21'];
const shiftedClock = new URL('../support/shifted-clock.ts', import.meta.url).href;

type Scene = {
  readonly db: Database;
  readonly replicas: readonly Replica[];
  readonly sandbox: Client;
};

/** What may differ between two runs of the same world is chance: ids, and who did it. What was done may not. */
const CONTENT = sql`select kind, subscription_reference, plan, customer_reference, cycle, period_start::text, period_end::text,
    attempt, channel, amount::text, currency, money::text, outcome, failure_code, class, decision, actor,
    to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day
  from ledger where outcome is distinct from 'unknown' order by subscription_reference, cycle nulls first, attempt nulls first, kind, day`;

/** So many replicas on one database and one Xendit; all end with the test. */
async function scene(started: readonly { readonly odd?: boolean }[]): Promise<Scene & { readonly url: string }> {
  const database = await emptyDatabase();
  const db = openDatabase({ url: database, poolSize: 2, applicationName: 'replicas test' });
  const office = await postOffice();
  const xendit = await startSandbox({ secretKey, callbackToken, webhookUrl: office.url, clock: 'system' });
  const replicas: Replica[] = [];
  for (const { odd = false } of started) {
    const own = { DUEDAY_CLOCK: 'virtual', DUEDAY_LEASE_SECONDS: '12', LOG_LEVEL: 'info' };
    const told = daemonVariables(database, { ...xenditVariables(xendit, await freePort()), ...own });
    const elsewhere = { TZ: 'America/New_York', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' };
    replicas.push(odd ? startReplica({ ...told, ...elsewhere }, ['--import', shiftedClock]) : startReplica(told));
  }
  onTestFinished(async () => {
    await Promise.all(replicas.map((replica) => replica.end('SIGKILL')));
    await office.close();
    await xendit.close();
    await db.close();
  });
  await Promise.all(replicas.map((replica) => replica.ready()));
  office.onDuty(replicas[0]?.url ?? null);
  return { db, replicas, sandbox: client(xendit.url), url: replicas[0]?.url ?? '' };
}

/** Customers with good cards, empty ones and slow banks, the same in every run. */
async function live(house: Scene, disturb: (cycle: number) => Promise<void>): Promise<void> {
  const { sandbox, replicas } = house;
  const api = client(replicas[0]?.url ?? '', adminKey);
  const { clockTo, subscribe } = street(api, sandbox);
  await clockTo('2040-01-31T02:00:00Z');
  const ids = await pMap(
    Array.from({ length: CUSTOMERS }, (_, n) => n),
    (n) => subscribe(`customer-${n}`, { plan: 'weekly' }),
    { concurrency: 4 },
  );
  await eventually(async () =>
    expect((await api.get('/v1/charges?status=paid&limit=500')).data).toHaveLength(CUSTOMERS),
  );
  for (const [cycle, day] of CYCLES.entries()) {
    for (const [n, id] of ids.entries()) {
      const match = { reference_prefix: `due_${id}_${cycle + 1}_` };
      const decline = { kind: 'decline', failure_code: 'INSUFFICIENT_BALANCE' };
      const slow = { kind: 'delay', ms: 150 };
      await sandbox.post('/_sandbox/scenarios', { match, do: n % 4 === cycle ? decline : slow });
    }
    await api.post('/v1/test-clock', { now: `${day}T02:00:00Z`, jump: true });
    await Promise.all(replicas.map((replica) => nudge(replica.url).catch(() => undefined)));
    await disturb(cycle);
    await settled(house, api);
    const retried = Temporal.PlainDate.from(day).add({ days: 1 }).toString();
    await api.post('/v1/test-clock', { now: `${retried}T02:00:00Z`, jump: true });
    await settled(house, api);
  }
}

/** Nothing is under way: no attempt without an outcome, no charge that could be tried now, no clock on its way. */
async function settled({ db, replicas }: Scene, api: Client): Promise<void> {
  await eventually(async () => {
    await Promise.all(replicas.map((replica) => nudge(replica.url).catch(() => undefined)));
    expect(await db.run(sql`select reference_id from attempts where outcome is null`)).toEqual([]);
    const [row] = await db.run<{ now: string }>(sql`select now::text from test_clock`);
    expect(
      await db.run(sql`select id from charges where status = 'due' and next_attempt_at <= ${row?.now}::timestamptz`),
    ).toEqual([]);
    expect((await api.get('/v1/test-clock')).status).toBe('ready');
  });
}

/** The gateway's list, by customer and cycle. */
async function paymentsOf({ db, sandbox }: Scene): Promise<readonly string[]> {
  const rows = await db.run<{ id: string; reference_id: string }>(
    sql`select id::text, reference_id from subscriptions`,
  );
  const names = new Map(rows.map((row) => [row.id, row.reference_id]));
  const taken = await takenBy(sandbox);
  return taken
    .map(({ referenceId, amount }) => {
      const [, id = '', cycle] = referenceId.split('_');
      return `${names.get(id)} cycle ${cycle}: ${amount}`;
    })
    .toSorted();
}

// Twelve seconds of lease are really waited for, in two worlds of three weeks.
test('four replicas, one paused, one killed, one with a wrong clock and in another country, do what one does', async () => {
  const alone = await scene([{}]);
  await live(alone, async () => undefined);
  const expected = { payments: await paymentsOf(alone), log: await alone.db.run<Json>(CONTENT) };
  await Promise.all(alone.replicas.map((replica) => replica.end('SIGTERM')));

  const four = await scene([{}, { odd: true }, {}, {}]);
  const [, , paused, killed] = four.replicas;
  await live(four, async (cycle) => {
    if (cycle === 0) {
      await paused?.pause();
      // Past its lease: what it had under way is asked about by the others.
      await eventually(async () => {
        await Promise.all([0, 1].map((n) => nudge(four.replicas[n]?.url ?? '')));
        expect(await four.db.run(sql`select reference_id from attempts where outcome is null`)).toEqual([]);
      });
      paused?.resume();
    }
    if (cycle === 1) expect(await killed?.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  });
  expect(await unsound(four.db, await takenBy(four.sandbox))).toEqual([]);
  expect(await paymentsOf(four)).toEqual(expected.payments);
  expect(await four.db.run<Json>(CONTENT)).toEqual(expected.log);
  expect(expected.payments).toHaveLength(CUSTOMERS * (CYCLES.length + 1));
  // Each of those that lived did a part of it, the one with the wrong clock too.
  for (const n of [0, 1, 2]) expect(four.replicas[n]?.said()).toContain('"event":"attempt settled"');
  tally({ replicas: 4, kills: 1 });
});
