import { beforeEach, describe, expect, test } from 'vitest';
import { armCharging } from '../../src/flows/charging/arm-charging.ts';
import { openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { losing } from '../support/losing.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { lost, putBack, references } = losing(world);
beforeEach(() => world.startOver(start));
const wallet = { channelCode: 'OVO', network: null };
const onWallet = (reference: string) => world.onboard(reference, 'monthly', {}, wallet);

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
