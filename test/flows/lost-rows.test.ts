import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { armCharging } from '../../src/flows/charging/arm-charging.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { checkOnboardings } from '../../src/flows/onboarding/check-onboardings.ts';
import { askAboutLost } from '../../src/flows/rescue/ask-about-lost.ts';
import { losing, unsent, wallet } from '../support/losing.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { lost, keep, lose, references, onWallet } = losing(world);
/** Xendit dates its list in real time: by a test clock nothing is found there. */
const inRealTime = { ...ctx, clock: { ...ctx.clock, kind: 'system' } } as const;
beforeEach(() => world.startOver(start));

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
});
