import { beforeEach, describe, expect, test } from 'vitest';
import { releaseCharge, voidCharge } from '../../src/flows/charges/change-charge.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { declined, refused, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

/** Its first cycle was given up, so the plan paused it; the second is declined with this code. */
async function pausedByItself(code: string, until: string): Promise<string> {
  const id = await world.onboard('order-1', 'weekly-pausing');
  gateway.otherwise((sent) => declined(sent.referenceId.includes('_0_') ? 'REQUIRES_ACTION' : code));
  await world.liveUntil(until);
  expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
  return id;
}

describe('a paused subscription', () => {
  test('is not billed: its cycles have their rows, void; once it is resumed it owes the period that runs', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-04-15T00:00:00Z');
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-06-01T00:00:00Z');
    expect(await world.charges(id)).toMatchObject([
      { cycle: 0, status: 'paid' },
      { cycle: 1, status: 'void', note: expect.stringContaining('paused') },
      { cycle: 2, status: 'paid', due_at: '2026-03-31T02:00:00Z', attempts: [{ sent_at: '2026-04-15T00:00:00Z' }] },
      { cycle: 3, status: 'paid', due_at: '2026-04-30T02:00:00Z' },
      { cycle: 4, status: 'paid', due_at: '2026-05-31T02:00:00Z' },
    ]);
    expect(gateway.payments).toHaveLength(4);
  });

  test('is on trial again when it is resumed before its trial ended', async () => {
    const id = await world.onboard('order-1', 'trial');
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-02-05T00:00:00Z');
    await resumeSubscription(ctx, id, { actor: 'siti' });
    expect(await world.subscription(id)).toMatchObject({ status: 'trialing' });
    await world.liveUntil('2026-02-14T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('is on trial no longer when its trial ended meanwhile', async () => {
    const id = await world.onboard('order-1', 'trial');
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    world.moveTo('2026-02-20T00:00:00Z');
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test.each([
    ['opened', '2026-02-28T01:59:00Z', '2026-02-28T02:05:00Z', true],
    ['not opened yet', '2026-02-28T01:59:00Z', '2026-02-28T02:05:00Z', false],
    ['opened long ago', '2026-02-01T00:00:00Z', '2026-03-29T00:00:00Z', true],
  ])(
    'owes the period that runs when it is resumed, although it began in the pause (%s)',
    async (_, from, until, works) => {
      const id = await world.onboard('order-1');
      await world.liveUntil(from);
      await pauseSubscription(ctx, id, { actor: 'siti' });
      if (works) await world.liveUntil(until);
      world.moveTo(until);
      await resumeSubscription(ctx, id, { actor: 'siti' });
      expect(await world.told(id)).toContain('charge.released');
      await world.work();
      expect(await world.charges(id)).toMatchObject([{ status: 'paid' }, { cycle: 1, status: 'paid' }]);
      expect(await world.subscription(id)).toMatchObject({ status: 'active' });
      expect(gateway.payments).toHaveLength(2);
    },
  );

  test('three times over the instants at which it falls due pays for each of its periods', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    for (const [from, until] of [
      ['2026-02-28T01:59:00Z', '2026-02-28T02:05:00Z'],
      ['2026-03-31T01:59:00Z', '2026-03-31T02:05:00Z'],
      ['2026-04-30T01:59:00Z', '2026-04-30T02:05:00Z'],
    ] as const) {
      await world.liveUntil(from);
      await pauseSubscription(ctx, id, { actor: 'siti' });
      await world.liveUntil(until);
      await resumeSubscription(ctx, id, { actor: 'siti' });
      await world.work();
    }
    expect(gateway.payments).toHaveLength(4);
  });

  test('and resumed twice in one period pays for it once', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    for (const until of ['2026-02-28T02:05:00Z', '2026-03-05T00:00:00Z']) {
      await pauseSubscription(ctx, id, { actor: 'siti' });
      await world.liveUntil(until);
      await resumeSubscription(ctx, id, { actor: 'siti' });
      await world.work();
    }
    expect(gateway.payments).toHaveLength(2);
  });

  test('owes nothing for a period that a person voided, or that was missed while nothing ran', async () => {
    const id = await world.onboard('order-1', 'forgiving');
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await voidCharge(ctx, (await world.charge(id)).id, { actor: 'siti', reason: null });
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect(gateway.sent).toEqual([]);
    // Found a week late: its plan charges no missed cycle.
    world.moveTo('2026-03-07T02:00:00Z');
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect(gateway.sent).toEqual([]);
    expect(await world.charges(id)).toMatchObject([{ status: 'void' }, { status: 'void', missed: true }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('has its whole dunning window when it is resumed, however long the pause was', async () => {
    const id = await world.onboard('order-1', 'yearly');
    await world.work();
    await world.liveUntil('2027-01-31T01:59:00Z');
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2027-06-01T00:00:00Z');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect(await world.charge(id, 1)).toMatchObject({ status: 'due', next_attempt_at: '2027-06-02T02:00:00Z' });
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    await world.liveUntil('2027-06-02T02:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
  });

  test('owes the cycle that fell due before the pause, as soon as it is resumed', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    world.moveTo('2026-02-28T02:00:01Z');
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-03-10T00:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'due', attempts: [] });
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
  });

  test('keeps a charge in dunning as it is, and tries it as soon as it is resumed', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: null, attempts: [{}] });
    await resumeSubscription(ctx, id, { actor: 'siti' });
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test.each([
    ['declined', declined('INSUFFICIENT_BALANCE'), 'due', 1],
    ['technical', declined('ISSUER_UNAVAILABLE'), 'due', 1],
    ['throttled', refused('throttled', 'RATE_LIMIT_EXCEEDED'), 'due', 1],
    ['successful', succeeded(), 'paid', 1],
  ])('while an attempt is on its way that turns out %s starts no other', async (_, outcome, status, sent) => {
    const id = await world.onboard('order-1');
    gateway.script(async () => {
      await pauseSubscription(world.another(), id, { actor: 'siti' });
      return outcome;
    });
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status, next_attempt_at: null });
    expect(gateway.sent).toHaveLength(sent);
    expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
  });

  test('keeps a charge that a person released until it is resumed', async () => {
    const id = await world.onboard('order-1');
    gateway.script(refused('charge', 'API_VALIDATION_ERROR'));
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await releaseCharge(ctx, (await world.charge(id)).id, { actor: 'siti', reason: null });
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('because a charge was given up attempts none of its others before it is resumed', async () => {
    const id = await pausedByItself('ISSUER_UNAVAILABLE', '2026-02-10T02:00:00Z');
    const sent = gateway.sent.length;
    await world.liveUntil('2026-03-20T00:00:00Z');
    expect(gateway.sent).toHaveLength(sent);
    gateway.otherwise(() => succeeded());
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect((await world.charges(id)).slice(0, 3)).toMatchObject([
      { status: 'uncollectible' },
      { status: 'paid' },
      { status: 'void' },
    ]);
  });

  test('because a charge was given up gives up none that waits for its customer, who may replace the method meanwhile', async () => {
    const id = await pausedByItself('INSUFFICIENT_BALANCE', '2026-02-09T03:00:00Z');
    await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
    await world.saveMethod(id);
    await world.liveUntil('2026-02-12T00:00:00Z');
    gateway.otherwise(() => succeeded());
    await resumeSubscription(ctx, id, { actor: 'siti' });
    // The mandate keeps charges two days apart, and the second of them is of the period that runs.
    await world.liveUntil('2026-02-14T02:00:00Z');
    expect((await world.charges(id)).slice(0, 2)).toMatchObject([{ status: 'paid' }, { status: 'paid' }]);
  });

  test('whose plan ends meanwhile loses sight of nothing: it ends when it is resumed, and its last charge is paid', async () => {
    const id = await world.onboard('order-1', 'two-weeks');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
    expect(await world.charges(id)).toMatchObject([{ status: 'due' }, { status: 'void' }]);
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    // Its last period passed entirely in the pause.
    expect(await world.charges(id)).toMatchObject([{ status: 'paid' }, { status: 'void' }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'ended' });
  });

  test('whose plan ends meanwhile can be canceled, which voids what it owes', async () => {
    const id = await world.onboard('order-1', 'two-weeks');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-03-01T00:00:00Z');
    await cancelSubscription(ctx, id, { at: 'period_end', reason: null, actor: 'siti' });
    expect(await world.charges(id)).toMatchObject([{ status: 'void' }, { status: 'void' }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  });
});
