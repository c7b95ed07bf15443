import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { describePayment } from '../../src/infra/gateway/xendit/payment-requests.ts';
import { answering } from '../support/answering.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { paymentEvent } from './xendit-events.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));
const wallet = { channelCode: 'OVO', network: null };
/** As a version that this dueday cannot read any more. */
const unreadable = `update charges set catalog_version = 999`;

test('a return URL with our own mark in it is charged like any other', async () => {
  const success = 'https://shop.example.com/thanks?token={payment_token}';
  const id = await world.onboard(
    'order-1',
    'monthly',
    { returnUrls: { success, cancel: 'https://shop.example.com/back' } },
    wallet,
  );
  await world.workAs(answering(ctx, { describe: describePayment, pay: async () => succeeded() }));
  expect(await world.charge(id)).toMatchObject({ status: 'paid' });
});

test('a charge that cannot be claimed for a day is held with its reason, and the others go on', async () => {
  const id = await world.onboard('order-1', 'monthly', {}, wallet);
  const other = await world.onboard('order-2');
  const describe = (request: Parameters<typeof gateway.describe>[0]): string => {
    if (request.channelCode === 'OVO') throw new Error('It cannot be described.');
    return gateway.describe(request);
  };
  await world.liveUntil('2026-02-02T00:00:00Z', answering(ctx, { describe }));
  expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'broken', attempts: [] });
  expect(await world.charge(other)).toMatchObject({ status: 'paid' });
  expect(world.logged.filter(({ event }) => event === 'charge held for a person')).toMatchObject([{ level: 'error' }]);
});

test('also when not even its hold can be written into the ledger', async () => {
  const id = await world.onboard('order-1');
  await openCharges(ctx, world.now());
  await world.ask(sql`update charges set claim_faults = 23`);
  await world.ask(sql`create function refuse_all() returns trigger language plpgsql as
    $$ begin raise exception 'no' using errcode = '22003'; end $$`);
  await world.ask(sql`create trigger refuse_all before insert on ledger for each row execute function refuse_all()`);
  await world.work();
  await world.ask(sql`drop trigger refuse_all on ledger`);
  expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'broken', attempts: [] });
});

describe('a charge whose catalog version cannot be read', () => {
  test('has its money in the books', async () => {
    const id = await world.onboard('order-1');
    gateway.script(gateway.inSilence(succeeded()));
    await world.work();
    await world.above(unreadable);
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000 });
  });

  test('is held with what was declined', async () => {
    const id = await world.onboard('order-1');
    gateway.script(gateway.inSilence(declined('INSUFFICIENT_BALANCE')));
    await world.work();
    await world.above(unreadable);
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'broken' });
    expect((await world.subscription(id)).status).not.toBe('canceled');
  });

  test('is held after a day of silence', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, wallet);
    gateway.script(unknown());
    await world.work();
    await world.above(unreadable);
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
  });

  test('is held when its customer did not act', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('EXPIRED_CARD'));
    await world.work();
    await world.above(`${unreadable}; update charges set waits_until = '2026-02-01T00:00:00Z'`);
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'broken' });
  });
});

describe('a cycle that fell due before its customer leaves', () => {
  test('gets its row, although the catalog version of its plan cannot be read', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await world.above(`update subscriptions set plan = 'gone', catalog_version = 999`);
    world.moveTo('2026-02-28T03:00:00Z');
    expect(await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' })).toMatchObject({
      kind: 'changed',
    });
    expect((await world.charges(id)).map(({ cycle, status }) => [cycle, status])).toEqual([
      [0, 'paid'],
      [1, 'void'],
    ]);
  });

  test('keeps the cancellation waiting where it cannot be opened at all', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await world.above(`update subscriptions set time_zone = 'Nowhere/Land'`);
    world.moveTo('2026-02-28T03:00:00Z');
    expect(await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' })).toMatchObject({
      kind: 'refused',
    });
    await world.above(`update subscriptions set time_zone = 'Asia/Jakarta'`);
    expect(await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' })).toMatchObject({
      kind: 'changed',
    });
    expect(await world.charges(id)).toHaveLength(2);
  });
});

test('a webhook that was laid aside is followed when it is sent again', async () => {
  const id = await world.onboard('order-1', 'monthly', {}, wallet);
  gateway.script(unknown());
  await world.work();
  const [sent] = gateway.sent;
  if (sent === undefined) throw new Error('nothing was sent');
  const paid = succeeded();
  await world.receives(paymentEvent(sent, paid));
  await world.liveUntil('2026-02-02T12:00:00Z');
  expect(await world.ask(sql`select status from inbox`)).toEqual([{ status: 'mismatched' }]);
  gateway.finds(sent.referenceId, { kind: 'found', outcome: paid });
  await world.receives(paymentEvent(sent, paid));
  await world.liveUntil('2026-02-02T13:00:00Z');
  expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  await world.receives(paymentEvent(sent, paid));
  expect(await world.ask(sql`select status, deliveries from inbox`)).toEqual([{ status: 'processed', deliveries: 3 }]);
});
