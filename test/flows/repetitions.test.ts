import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { rescueAttempts } from '../../src/flows/billing/rescue-attempts.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/cancel-subscription.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const other = world.another();
beforeEach(() => world.startOver(start));

describe('a card request that is to be repeated', () => {
  test.each([
    ['canceled', (id: string) => cancelSubscription(other, id, { at: 'now', reason: null, actor: 'product' })],
    ['paused', (id: string) => pauseSubscription(other, id, 'product')],
  ])('is not, when its subscription is %s while the look-up waits for its turn', async (_, leave) => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    world.moveTo('2026-01-31T02:05:00Z');
    const lookUp: typeof gateway.lookUp = async (trace) => {
      await leave(id);
      return await gateway.lookUp(trace);
    };
    await rescueAttempts({ ...ctx, gateway: { ...gateway, lookUp } });
    expect(gateway.sent).toHaveLength(1);
    expect(gateway.payments).toEqual([]);
  });

  test('is not on a day that its mandate does not cover, though the attempt was made in time', async () => {
    world.moveTo('2026-01-31T16:57:00Z');
    await world.onboard('order-1');
    await world.ask(sql`update tokens set recurring_expiry = '2026-01-31'`);
    gateway.script(unknown());
    await world.liveUntil('2026-02-01T00:00:00Z');
    expect(gateway.sent).toHaveLength(1);
  });

  test('and whose method ended since stays unknown: the first time may have charged', async () => {
    const id = await world.onboard('order-1');
    gateway.script(gateway.inSilence(succeeded()));
    gateway.finds(`due_${id}_0_1`, { kind: 'absent' });
    await world.work();
    // HTTP 400 INVALID_TOKEN: refused before anything was made of it, so it has no id.
    const ended = declined('INVALID_TOKEN', { paymentRequestId: null, paymentId: null });
    const dead: Context = { ...ctx, gateway: { ...gateway, pay: async () => ended } };
    world.moveTo('2026-01-31T02:05:00Z');
    await world.workAs(dead);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'unknown' }] });
    await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
    await world.saveMethod(id);
    await world.work();
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.payments).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
  });
});
