import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { paymentEvent } from './xendit-events.ts';

/* A charge that is void gives the credit back that it had used: once, whatever is heard or done of it afterwards. */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

const actor = 'siti';

/** A charge of 150,000 that has used 20,000 of credit, and was declined. */
async function owing(): Promise<string> {
  const id = await world.onboard('order-1');
  await world.ask(sql`update subscriptions set credit = 20000 where id = ${id}::uuid`);
  gateway.script(declined('INSUFFICIENT_BALANCE', { paymentRequestId: 'pr-first', paymentId: 'py-first' }));
  await world.work();
  expect(await world.charge(id)).toMatchObject({ status: 'due', amount: 130_000, credit_used: 20_000 });
  return id;
}

const returned = async () =>
  await world.ask<{ credit: number }>(sql`select credit::int as credit from ledger where kind = 'credit.returned'`);

describe('credit that a void charge had used', () => {
  test('is not given back a second time when its money comes after all, which is too much', async () => {
    const id = await owing();
    await voidCharge(ctx, (await world.charge(id)).id, { actor, reason: 'the customer called' });
    expect(await returned()).toEqual([{ credit: 20_000 }]);
    const [sent] = gateway.sent;
    if (sent === undefined) throw new Error('Nothing was sent.');
    const outcome = { kind: 'succeeded', paymentRequestId: 'pr-first', paymentId: 'py-late' } as const;
    gateway.finds(sent.referenceId, { kind: 'found', outcome });
    await world.receives(paymentEvent(sent, outcome));
    await world.work();
    expect(await world.told(id)).toContain('payment.overpaid');
    expect(await returned()).toEqual([{ credit: 20_000 }]);
    expect(await world.subscription(id)).toMatchObject({ credit: 20_000 });
  });

  test('is not used by it again: a later pause in its period does not have it charged', async () => {
    const id = await owing();
    await pauseSubscription(ctx, id, { actor, onResume: 'void', until: Temporal.PlainDate.from('2026-02-05') });
    await world.liveUntil('2026-02-05T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'void' });
    expect(await returned()).toEqual([{ credit: 20_000 }]);
    await pauseSubscription(ctx, id, { actor });
    await resumeSubscription(ctx, id, { actor });
    const sent = gateway.sent.length;
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'void' });
    expect(gateway.sent).toHaveLength(sent);
    expect(await world.subscription(id)).toMatchObject({ credit: 20_000 });
  });
});
