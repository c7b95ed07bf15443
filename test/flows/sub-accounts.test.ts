import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import type { Gateway } from '../../src/infra/gateway/gateway.ts';
import { answering } from '../support/answering.ts';
import { refused, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/* Charges of a sub-account go to Xendit in its name, and whatever Xendit answers there is noticed by no other account. */

const START = '2026-01-31T02:00:00Z';
const OTHER = '5f27a14a9bf05c73dd040bc8';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;

/** What Xendit heard of each account, in order. */
const heard: [string, string][] = [];
/** What it answers to a payment request of the other account. */
let answers: () => Outcome = succeeded;

const as = (account: string): Gateway => ({
  ...gateway,
  as,
  async pay(body, referenceId) {
    heard.push([account, referenceId.slice(-3)]);
    return account === OTHER ? answers() : await gateway.pay(body, referenceId);
  },
  async lookUp(trace) {
    heard.push([account, 'look-up']);
    return await gateway.lookUp(trace);
  },
});
const daemon = answering(ctx, { as });

/** A subscription whose money is the other account's, and one whose money is the merchant's own. */
async function both(): Promise<{ readonly own: string; readonly other: string }> {
  const own = await world.onboard('own');
  const other = await world.onboard('other');
  await world.above(`update subscriptions set account = '${OTHER}' where id = '${other}'`);
  return { own, other };
}

beforeEach(async () => {
  await world.startOver(START);
  heard.length = 0;
  answers = succeeded;
  await world.above(`insert into pace (account, endpoint) select '${OTHER}', endpoint from pace`);
  await world.above(`insert into charging (account) values ('${OTHER}')`);
  await world.above(`insert into sweep (account) values ('${OTHER}')`);
});
afterEach(async () => {
  for (const table of ['pace', 'charging', 'sweep'])
    await world.above(`delete from ${table} where account = '${OTHER}'`);
  await world.above('delete from breakers');
});

/** The first charge of a subscription as its row has it. */
const charge = async (subscription: string) =>
  (
    await world.ask(
      sql`select status, account, waits_for from charges where subscription_id = ${subscription}::uuid and cycle = 0`,
    )
  )[0];

const pauses = async (account: string) =>
  (
    await world.ask<{ pauses: number }>(
      sql`select pauses from pace where account = ${account} and endpoint = 'payment_requests'`,
    )
  )[0]?.pauses;

describe('the charge of a sub-account', () => {
  test('is asked for in its name, and that of the merchant in none', async () => {
    const { own, other } = await both();
    await world.workAs(daemon);
    expect(heard.filter(([, what]) => what !== 'look-up')).toEqual([
      ['', '0_1'],
      [OTHER, '0_1'],
    ]);
    expect(await charge(own)).toMatchObject({ status: 'paid', account: '' });
    expect(await charge(other)).toMatchObject({ status: 'paid', account: OTHER });
  });

  test('is looked for in its name too, where nobody knows what became of it', async () => {
    await both();
    answers = () => ({ kind: 'unknown', detail: 'no answer', paymentRequestId: null });
    await world.workAs(daemon);
    world.moveTo('2026-01-31T03:00:00Z');
    await world.workAs(daemon);
    const looked = heard.filter(([, what]) => what === 'look-up');
    expect(looked.length).toBeGreaterThan(0);
    expect(looked.every(([account]) => account === OTHER)).toBe(true);
  });

  test('is not asked for while charging is stopped as a whole', async () => {
    const { other } = await both();
    await world.ask(sql`update charging set stopped_at = now(), reason = 'a test' where account = ''`);
    await world.workAs(daemon);
    expect(heard).toEqual([]);
    expect(await world.charge(other, 0)).toMatchObject({ status: 'due' });
  });
});

describe('what Xendit answers to a sub-account', () => {
  test('stops that one alone, once its key is refused for it', async () => {
    const { own, other } = await both();
    answers = () => refused('account', 'REQUEST_FORBIDDEN_ERROR');
    await world.workAs(daemon);
    expect(await world.charge(own, 0)).toMatchObject({ status: 'paid' });
    const rows = await world.ask(sql`select account, reason is not null as stopped from charging order by account`);
    expect(rows).toEqual([
      { account: '', stopped: false },
      { account: OTHER, stopped: true },
    ]);
    // No more is asked for it, and the next cycle of the merchant's own is collected.
    await world.liveUntil('2026-03-01T00:00:00Z', daemon);
    expect(heard.filter(([account]) => account === OTHER)).toHaveLength(1);
    expect(await world.charge(own, 1)).toMatchObject({ status: 'paid' });
    expect(await world.charge(other, 0)).toMatchObject({ status: 'due', attempts: [{ outcome: 'refused' }] });
  });

  test('slows down that one alone', async () => {
    const { own } = await both();
    answers = () => refused('throttled', 'RATE_LIMIT_EXCEEDED');
    await world.workAs(daemon);
    expect(await world.charge(own, 0)).toMatchObject({ status: 'paid' });
    expect(await pauses(OTHER)).toBe(1);
    expect(await pauses('')).toBe(0);
  });

  test('stops a channel of that one alone', async () => {
    const { own, other } = await both();
    await world.ask(sql`insert into breakers (channel, state, since, code, why, probe_at)
      values (${`${OTHER}/CARDS`}, 'open', now(), 'CHANNEL_UNAVAILABLE', 'a test', '2026-01-31T04:00:00Z')`);
    await world.workAs(daemon);
    expect(await world.charge(own, 0)).toMatchObject({ status: 'paid' });
    expect(await charge(other)).toMatchObject({ status: 'due', waits_for: `${OTHER}/CARDS` });
    // It is found out by a charge of its own whether it works again.
    await world.liveUntil('2026-01-31T05:00:00Z', daemon);
    expect(await charge(other)).toMatchObject({ status: 'paid', waits_for: null });
  });
});
