import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { retryCharge } from '../../src/flows/charges/change-charge.ts';
import { armCharging } from '../../src/flows/charging/arm-charging.ts';
import { mayCharge } from '../../src/flows/control/may-charge.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { checkOnboardings } from '../../src/flows/onboarding/check-onboardings.ts';
import { openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { askAboutLost } from '../../src/flows/rescue/ask-about-lost.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import type { BooksPage } from '../../src/infra/gateway/gateway.ts';
import { breakerOf } from '../../src/infra/tables/charging/breakers.ts';
import { declined, refused, succeeded } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { statements } from './cut-connection.ts';
import { brokenLink, expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const other = world.another();
/** Xendit dates its list in real time: by a test clock nothing is found there. */
const inRealTime = { ...ctx, clock: { ...ctx.clock, kind: 'system' } } as const;
beforeEach(() => world.startOver(start));

const pending = { kind: 'pending', paymentRequestId: 'pr-in-flight', paymentId: null } as const;
/** Nothing of it reached Xendit, as when it throttles or cannot be reached. */
const unsent = {
  kind: 'refused',
  scope: 'not_sent',
  code: 'UNSENT',
  detail: 'a test',
  retryAfterSeconds: null,
} as const;
const forbidden = { kind: 'refused', status: 403, code: 'X', message: '', retryAfterSeconds: null } as const;
const ok = (value: BooksPage) => ({ kind: 'ok', value }) as const;
const page = (next: string) => ok({ payments: [], unreadable: 0, next });
const wallet = { channelCode: 'OVO', network: null };
const onWallet = (reference: string) => world.onboard(reference, 'monthly', {}, wallet);
const tables = [
  'subscription_methods',
  'subscriptions',
  'charges',
  'attempts',
  'ledger',
  'customers',
  'tokens',
  'onboardings',
  'inbox',
  'breakers',
  'items',
  'pay_links',
  'consents',
  'terms',
  'changes',
  'coupon_uses',
  'notices',
  'owed_notices',
  'repricing_items',
  'refunds',
];

/** All that `happens` writes is lost, as on a standby that it never reached; then that standby is promoted. */
async function lost(happens: () => Promise<unknown>): Promise<void> {
  await keep();
  await happens();
  await lose();
}

/** What the standby has when replication is cut. */
async function keep(): Promise<void> {
  await mayCharge(ctx);
  await world.above(`drop schema if exists kept cascade; create schema kept;
    ${tables.map((name) => `create table kept.${name} as table ${name}`).join('; ')}`);
}

async function lose(): Promise<void> {
  listPayments();
  await world.above(`truncate ${tables.join(', ')};
    ${tables.map((name) => `insert into ${name} select * from kept.${name}`).join('; ')};
    update charging set timeline = timeline + 1`);
}

/** Xendit lists what it collected until now. */
function listPayments(): void {
  for (const { referenceId, amount } of gateway.payments.slice(gateway.booked.length))
    gateway.booked.push({
      transactionId: `txn-${referenceId}`,
      referenceId,
      createdAt: world.now(),
      status: 'succeeded',
      amount: { minor: BigInt(amount), currency: 'IDR' },
      written: `IDR ${amount}`,
      paymentId: null,
      paymentRequestId: null,
    });
}

/** The leases of the dead are over: real time, which a test does not wait for. */
const lapse = () => world.ask(sql`update attempts set lease_until = now() - interval '1 second'`);
const die = (): never => {
  throw new Error('The process died here.');
};
const references = () => gateway.payments.map(({ referenceId }) => referenceId);

/** All that `happens` writes is gone; the server is another run of the same. */
async function putBack(happens: () => Promise<unknown>): Promise<void> {
  await keep();
  await happens();
  await lose();
  await world.above(`update charging set timeline = timeline - 1, run = 'before'`);
}

describe('after a failover that lost rows', () => {
  test('nothing is tried until a person arms, and nothing is asked either', async () => {
    await onWallet('order-1');
    await lost(() => world.work());
    await world.work();
    expect([gateway.payments.length, gateway.asked.length]).toEqual([1, 0]);
  });

  test.each([
    ['the attempt and its settlement', true],
    ['the opening of the charge too', false],
  ])('a wallet is not charged again though %s are gone', async (_, opened) => {
    const id = await onWallet('order-1');
    if (opened) {
      // Opened and kept; only what follows is lost.
      await world.ask(sql`update charging set stopped_at = now(), reason = 'not yet'`);
      await world.work();
      await world.ask(sql`update charging set stopped_at = null, reason = null`);
    }
    await lost(() => world.work());
    await armCharging(ctx, null, siti);
    await world.work();
    expect(references()).toEqual([`due_${id}_0_1`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, attempts: [{ number: 1 }] });
    expect(await world.told(id)).toEqual(expect.arrayContaining(['attempt.sent', 'attempt.settled', 'charge.paid']));
    await expectSound(world);
  });

  test.each([
    ['with its first payment', '2026-01-31T02:10:00Z'],
    ['with two of them', '2026-03-02T02:10:00Z'],
  ])('a wallet is not charged again though even its saving is gone, %s', async (_, later) => {
    const id = await world.create('order-1');
    await keep();
    await world.saveMethod(id, wallet);
    await world.liveUntil(later);
    const before = references();
    expect(before.length).toBeGreaterThan(0);
    await lose();
    await armCharging(ctx, null, siti);
    world.moveTo(Temporal.Instant.from(later).add({ minutes: 1 }).toString());
    await world.liveUntil(
      Temporal.Instant.from(later)
        .add({ hours: 24 * 40 })
        .toString(),
    );
    expect(references().toSorted()).toEqual([...new Set(references())].toSorted());
    expect(references().slice(0, before.length)).toEqual(before);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000 });
  });

  test('the list is read from before the first activation on, where rows of it may be lost', async () => {
    const id = await world.create('order-1');
    await keep();
    await world.saveMethod(id, wallet);
    await world.work();
    await lose();
    await armCharging(ctx, null, siti);
    world.moveTo('2026-03-31T02:00:00Z');
    await checkOnboardings(ctx);
    await openCharges(ctx, world.now());
    await askAboutLost(inRealTime);
    const from = gateway.reads.map((query) => 'from' in query && query.from.toString());
    expect(from).toEqual(['2026-01-30T02:00:00Z']);
  });

  test('a decline that is found spends its step, and the attempt after it is asked about too', async () => {
    const id = await onWallet('order-1');
    gateway.script(declined('CHANNEL_UNAVAILABLE'), succeeded());
    await lost(async () => {
      await world.work();
      world.moveTo('2026-01-31T02:30:00Z');
      await world.work();
    });
    expect(references()).toEqual([`due_${id}_0_2`]);
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references()).toEqual([`due_${id}_0_2`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }, { number: 2 }] });
    await expectSound(world);
  });

  test('one that Xendit took is found behind those that it never took', async () => {
    const id = await onWallet('order-1');
    gateway.script(unsent, unsent, succeeded());
    await lost(() => world.liveUntil('2026-01-31T02:10:00Z'));
    expect(references()).toEqual([`due_${id}_0_3`]);
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references()).toEqual([`due_${id}_0_3`]);
    const never = { outcome: 'refused', failure_code: 'NEVER_TAKEN' };
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      collected: 150_000,
      attempts: [never, never, { number: 3, outcome: 'succeeded' }],
    });
    await expectSound(world);
  });

  test('a card request that Xendit never took is not repeated when a later one, whose row was lost, was taken', async () => {
    const id = await world.onboard('order-1');
    gateway.script(async () => {
      // The last thing that the standby hears of.
      await keep();
      return unsent;
    }, succeeded());
    await world.work();
    expect(references()).toEqual([`due_${id}_0_2`]);
    await lose();
    await lapse();
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references()).toEqual([`due_${id}_0_2`]);
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [
        { outcome: 'refused', failure_code: 'NEVER_TAKEN' },
        { number: 2, outcome: 'succeeded' },
      ],
    });
    await expectSound(world);
  });

  test('nor when the daemon that had found this out died before it was settled', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unsent, succeeded());
    await lost(() => world.work());
    await armCharging(ctx, null, siti);
    const dying = { ...ctx, failpoint: (name: string) => (name === 'before-settle' ? die() : undefined) };
    world.moveTo('2026-01-31T02:05:00Z');
    await world.workAs(dying);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ number: 1, outcome: null }] });
    await lapse();
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references()).toEqual([`due_${id}_0_2`]);
    await expectSound(world);
  });

  test('one that Xendit has in flight is waited for', async () => {
    const id = await onWallet('order-1');
    gateway.script(pending);
    await lost(() => world.work());
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: pending });
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'pending' }] });
  });

  test('absence is believed after five minutes only: until then the attempt may be on its way', async () => {
    const id = await onWallet('order-1');
    await lost(async () => undefined);
    await armCharging(ctx, null, siti);
    await world.work();
    expect(gateway.sent).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: '2026-01-31T02:05:00Z' });
    await world.liveUntil('2026-01-31T02:04:59Z');
    expect(gateway.sent).toEqual([]);
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(references()).toEqual([`due_${id}_0_1`]);
    await expectSound(world);
  });

  test('what appears at Xendit within those minutes is found', async () => {
    const id = await onWallet('order-1');
    await lost(() => world.work());
    gateway.finds(`due_${id}_0_1`, { kind: 'absent' });
    await armCharging(ctx, null, siti);
    await world.work();
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('an answer that does not come proves nothing: it is asked again, and not tried', async () => {
    const id = await onWallet('order-1');
    await lost(() => world.work());
    gateway.finds(`due_${id}_0_1`, { kind: 'unanswered', detail: 'HTTP 503' });
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'due', note: expect.stringContaining('HTTP 503') });
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-01-31T03:06:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(gateway.sent).toHaveLength(1);
  });

  test.each([
    ['one look-up a charge and one list for all of them', [], 1],
    ['five look-ups a charge where Xendit does not show its list', [forbidden], 5],
    ['five where the list holds what cannot be read', [ok({ payments: [], unreadable: 1, next: null })], 5],
    ['five where the list is longer than the charges are many', [page('txn-1'), page('txn-2'), page('txn-3')], 5],
  ])('charges of which nothing is known cost %s', async (_, answers, most) => {
    for (const name of ['order-1', 'order-2', 'order-3']) await onWallet(name);
    await lost(async () => undefined);
    await armCharging(ctx, null, siti);
    gateway.booksSay(...answers);
    await openCharges(ctx, world.now());
    await askAboutLost(inRealTime);
    expect(gateway.asked).toHaveLength(3 * most);
    expect(gateway.reads.length).toBeLessThanOrEqual(3);
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(references()).toHaveLength(3);
  });

  test('one that Xendit took is found in its list behind those that it never took', async () => {
    const id = await onWallet('order-1');
    gateway.script(unsent, unsent, succeeded());
    await lost(() => world.liveUntil('2026-01-31T02:10:00Z'));
    await armCharging(ctx, null, siti);
    await openCharges(ctx, world.now());
    await askAboutLost(inRealTime);
    expect(gateway.asked).toEqual([`due_${id}_0_1`, `due_${id}_0_3`]);
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references()).toEqual([`due_${id}_0_3`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000 });
  });

  test('three replicas that ask at the same time share the charges and the pace', async () => {
    for (let n = 0; n < 12; n += 1) await onWallet(`order-${n}`);
    await world.ask(sql`update charging set stopped_at = now(), reason = 'not yet'`);
    await world.work();
    await world.ask(sql`update charging set stopped_at = null, reason = null`);
    await lost(async () => undefined);
    await armCharging(ctx, null, siti);
    world.moveTo('2026-01-31T02:06:00Z');
    // A minute that has to be waited for is over at once.
    const sleep = async () => {
      await world.ask(sql`update pace set at = array(select u - interval '63 seconds' from unnest(at) as u)`);
    };
    const paced = Array.from({ length: 3 }, () => world.another({ requestsPerMinute: 15, sleep }));
    await Promise.all(paced.map((daemon) => askAboutLost(daemon)));
    // Five references of each, all of them unknown to Xendit. Each replica by itself would ask for all of them.
    expect(new Set(gateway.asked).size).toBe(60);
    expect(gateway.asked.length).toBeLessThan(2 * 60);
  });

  test('a charge that a person has tried at once is asked about first as well', async () => {
    const id = await onWallet('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    const { id: charge } = await world.charge(id);
    world.moveTo('2026-02-01T03:00:00Z');
    await lost(() => world.work());
    await armCharging(ctx, null, siti);
    await retryCharge(ctx, charge, { actor: 'key:admin', reason: null });
    await world.work();
    expect(references()).toEqual([`due_${id}_0_2`]);
  });

  test('what falls due after arming is not asked about', async () => {
    const id = await onWallet('order-1');
    await world.work();
    await lost(async () => undefined);
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(references()).toEqual([`due_${id}_0_1`, `due_${id}_1_1`]);
    expect(gateway.asked).toEqual([]);
  });

  test('an answer that comes to a server without the attempt leaves its history alone, however long that grew', async () => {
    const id = await onWallet('order-1');
    await keep();
    gateway.script(async () => {
      await lose();
      // As many entries as were lost: opened and attempted there, opened and paused here.
      await world.workAs(other);
      await pauseSubscription(other, id, { actor: 'key:admin' });
      return succeeded();
    });
    await world.work();
    expect(await world.told(id)).not.toContain('charge.paid');
    expect(await brokenLink(world, id)).toBeNull();
  });

  test('several daemons find each lost attempt once', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => onWallet(`order-${n}`)));
    await lost(() => world.work());
    await armCharging(ctx, null, siti);
    await Promise.all([ctx, other].map((daemon) => world.workAs(daemon)));
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references().toSorted()).toEqual(ids.map((id) => `due_${id}_0_1`).toSorted());
    await expectSound(world);
  });
});

describe('after the database was put back to an older state in its own place', () => {
  test('a wallet is asked about before it is tried, and charged once', async () => {
    const id = await onWallet('order-1');
    await putBack(() => world.work());
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(references()).toEqual([`due_${id}_0_1`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, attempts: [{ number: 1 }] });
    await expectSound(world);
  });

  test('a wallet of which Xendit knows nothing is charged after five minutes', async () => {
    const id = await onWallet('order-1');
    await putBack(async () => undefined);
    await world.liveUntil('2026-01-31T02:04:59Z');
    expect(gateway.sent).toEqual([]);
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(references()).toEqual([`due_${id}_0_1`]);
    await expectSound(world);
  });

  test('wallets that wait for a stopped channel are asked about before one of them finds out whether it works', async () => {
    const ids = await Promise.all(Array.from({ length: 3 }, (_, n) => onWallet(`order-${n}`)));
    const untouched = await onWallet('order-4');
    const fault = () => refused('channel', 'CHANNEL_NOT_ACTIVATED');
    gateway.otherwise(fault);
    await world.work();
    await putBack(async () => {
      gateway.otherwise(({ referenceId }) => (referenceId.includes(untouched) ? fault() : succeeded()));
      await world.liveUntil('2026-01-31T02:05:00Z');
      expect(gateway.payments).toHaveLength(3);
    });
    expect(await breakerOf(ctx.db, 'OVO')).toMatchObject({ state: 'open' });
    gateway.otherwise(() => succeeded());
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.payments).toHaveLength(4);
    for (const id of [...ids, untouched]) expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    await expectSound(world);
  });

  test('a card waits for nothing: Xendit refuses its reference, and the payment that there is becomes ours', async () => {
    const id = await world.onboard('order-1');
    await putBack(() => world.work());
    world.moveTo('2026-02-01T05:00:00Z');
    await world.work();
    expect(gateway.sent.map(({ referenceId }) => referenceId)).toEqual([`due_${id}_0_1`, `due_${id}_0_1`]);
    await world.liveUntil('2026-02-01T06:00:00Z');
    expect(references()).toEqual([`due_${id}_0_1`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0, attempts: [{ number: 1 }] });
    await expectSound(world);
  });

  test('a card request in doubt is not repeated when a later one, whose row was lost, was taken', async () => {
    const id = await world.onboard('order-1');
    gateway.script(async () => {
      await keep();
      return unsent;
    }, succeeded());
    await world.work();
    await lose();
    await world.above(`update charging set timeline = timeline - 1, run = 'before'`);
    await lapse();
    for (const hour of ['03', '05']) await world.liveUntil(`2026-01-31T${hour}:00:00Z`);
    expect(references()).toEqual([`due_${id}_0_2`]);
    await expectSound(world);
  });

  test('what falls due afterwards is not asked about, and several daemons meet the run once', async () => {
    await onWallet('order-1');
    await world.work();
    await putBack(async () => undefined);
    await Promise.all([ctx, other].map((daemon) => world.workAs(daemon)));
    expect(world.logged.filter(({ event }) => event === 'another run of the database server')).toHaveLength(1);
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(gateway.sent).toHaveLength(2);
    expect(gateway.asked).toEqual([]);
  });

  test('a claim that was decided on under the run before is not written', async () => {
    const id = await onWallet('order-1');
    await openCharges(ctx, world.now());
    const run: typeof ctx.db.run = async (query) => {
      // The database is put back between the look and the claim, and nobody has met its new run yet.
      if (statements.claim.test(statementOf(query).text)) await world.above(`update charging set run = 'before'`);
      return await ctx.db.run(query);
    };
    let stops = false;
    const stopping = {
      get aborted() {
        return stops;
      },
    } as AbortSignal;
    await onDueDate({
      ...ctx,
      db: { ...ctx.db, run },
      stopping,
      sleep: async () => {
        stops = true;
      },
    });
    expect(gateway.sent).toEqual([]);
    expect((await world.charge(id)).attempts).toEqual([]);
  });
});

describe('a payment by hand whose row was lost', () => {
  /** A card whose first attempt was declined, with a link to pay by hand. */
  async function linked(): Promise<{ readonly id: string; readonly token: string }> {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    const link = await openPayLink(ctx, (await world.charge(id)).id, {
      linkMinutes: null,
      saves: 'DISABLED',
      actor: 'a',
    });
    return { id, token: 'url' in link ? (link.url.split('/pay/')[1] ?? '') : '' };
  }

  /** The customer pays in a session, and all that was written of it is lost. */
  async function paidAndLost(token: string, lose: (happens: () => Promise<unknown>) => Promise<void>): Promise<void> {
    await lose(async () => {
      const led = await payThrough(ctx, token);
      const paid = gateway.pays(led.kind === 'open' ? led.session.sessionId : '');
      const amount = { minor: 150_000n, currency: 'IDR' } as const;
      const booked = { transactionId: 'txn-by-hand', createdAt: world.now(), amount, written: 'IDR 150000' };
      gateway.booked.push({ ...booked, ...paid, status: 'succeeded' });
    });
  }

  test.each([
    ['a failover', lost, true],
    ['a database that was put back', putBack, false],
  ])('is found before its charge is tried again, after %s', async (_, lose, arms) => {
    const { id, token } = await linked();
    await paidAndLost(token, lose);
    expect(await world.charge(id)).toMatchObject({ status: 'due', attempts: [{ number: 1 }] });
    if (arms) await armCharging(ctx, null, siti);
    await world.liveUntil('2026-02-03T02:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      collected: 150_000,
      attempts: [{ number: 1 }, { number: 2, via: 'session', reference_id: `due_${id}_0_p2`, outcome: 'succeeded' }],
    });
    await expectSound(world);
  });

  test.each([
    ['a failover', lost, true],
    ['a database that was put back', putBack, false],
  ])('is not asked for beside an attempt with the saved method that was lost, after %s', async (_, lose, arms) => {
    const id = await onWallet('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'), succeeded());
    await world.work();
    const link = await openPayLink(ctx, (await world.charge(id)).id, {
      linkMinutes: null,
      saves: 'DISABLED',
      actor: 'a',
    });
    const token = 'url' in link ? (link.url.split('/pay/')[1] ?? '') : '';
    world.moveTo('2026-02-01T02:00:00Z');
    await lose(() => world.work());
    if (arms) await armCharging(ctx, null, siti);
    world.moveTo('2026-02-01T02:06:00Z');
    expect(await payThrough(ctx, token)).toMatchObject({
      kind: 'now',
      why: expect.stringContaining('rows may have been lost'),
    });
    expect(gateway.offers).toEqual([]);
    await world.liveUntil('2026-02-01T05:00:00Z');
    expect(references()).toEqual([`due_${id}_0_2`]);
    expect(await payThrough(ctx, token)).toMatchObject({ kind: 'over', as: 'paid' });
  });

  test('that was not paid lets the charge go on once it has ended', async () => {
    const { id, token } = await linked();
    await lost(() => payThrough(ctx, token));
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-02-03T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{}, { number: 2, via: 'token' }] });
  });
});
