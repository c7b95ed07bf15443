import { beforeEach, describe, expect, test } from 'vitest';
import {
  forgiveCharge,
  releaseCharge,
  retryCharge,
  voidCharge,
  writeOffCharge,
} from '../../src/flows/charges/change-charge.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { declined, refused, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const siti = { actor: 'siti', reason: 'because' };
const wallet = { channelCode: 'OVO', network: null };
const idOf = async (id: string) => (await world.charge(id)).id;

async function held(): Promise<string> {
  const id = await world.onboard('order-1', 'monthly', {}, wallet);
  gateway.script(unknown());
  await world.liveUntil('2026-02-01T02:00:00Z');
  expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
  return id;
}

describe('releasing a held charge', () => {
  test('that our own fault held has it tried at once', async () => {
    const id = await world.onboard('order-1');
    gateway.script(refused('charge', 'API_VALIDATION_ERROR'));
    await world.work();
    expect(await releaseCharge(ctx, await idOf(id), siti)).toMatchObject({ kind: 'changed' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', hold_reason: null, attempts: [{}, { number: 2 }] });
    expect(await world.told(id)).toContain('charge.released');
  });

  test('whose outcome was unknown closes that attempt by the word of a person, and a new one follows', async () => {
    const id = await held();
    await releaseCharge(ctx, await idOf(id), siti);
    world.moveTo('2026-02-02T02:00:00Z');
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [{ outcome: 'refused', failure_code: 'CLOSED_BY_PERSON' }, { outcome: 'succeeded' }],
    });
    expect(gateway.sent.map((sent) => sent.referenceId)).toEqual([`due_${id}_0_1`, `due_${id}_0_2`]);
  });

  test('of a canceled subscription is refused; one that is not held too', async () => {
    const id = await held();
    const charge = await idOf(id);
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    expect(await releaseCharge(ctx, charge, siti)).toMatchObject({ kind: 'refused' });
    expect(await voidCharge(ctx, charge, siti)).toMatchObject({ kind: 'changed' });
    expect(await releaseCharge(ctx, charge, siti)).toMatchObject({ kind: 'refused' });
  });
});

describe('trying a charge at once', () => {
  const short = declined('INSUFFICIENT_BALANCE');
  const tries = async (id: string) => (await world.charge(id)).attempts.map(({ sent_at }) => sent_at);

  test('spends no step of the ladder: all its retries come as they were planned, whoever tried in between', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(short);
    await world.liveUntil('2026-02-02T12:00:00Z');
    const planned = (await world.charge(id)).next_attempt_at;
    await retryCharge(ctx, await idOf(id), siti);
    await retryCharge(ctx, await idOf(id), siti);
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'due',
      next_attempt_at: planned,
      retries_by_hand: 2,
      attempts: [
        {},
        {},
        { decision: { kind: 'retry', why: expect.stringContaining('tried by hand, which spends no step') } },
      ],
    });
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    const byHand = '2026-02-02T12:00:00Z';
    const ladder = ['01-31', '02-01', '02-04', '02-09', '02-16'].map((day) => `2026-${day}T02:00:00Z`);
    expect(await tries(id)).toEqual([...ladder.slice(0, 2), byHand, ...ladder.slice(2)]);
  });

  test('once it is done leaves nothing behind: the retry after it is an ordinary one', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(short);
    await world.liveUntil('2026-02-02T12:00:00Z');
    await retryCharge(ctx, await idOf(id), siti);
    await world.liveUntil('2026-02-04T02:00:00Z');
    const charge = await world.charge(id);
    expect(charge.attempts.at(-1)?.decision).toMatchObject({ why: expect.stringContaining('retry 3 of 4') });
    expect(charge.next_attempt_at).toBe('2026-02-09T02:00:00Z');
  });

  test('that is declined technically in between is tried on, and then goes back to its ladder', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(short);
    await world.liveUntil('2026-02-02T12:00:00Z');
    await retryCharge(ctx, await idOf(id), siti);
    gateway.script(declined('CHANNEL_UNAVAILABLE'));
    await world.liveUntil('2026-02-02T13:00:00Z');
    expect(await world.charge(id)).toMatchObject({ next_attempt_at: '2026-02-04T02:00:00Z' });
    expect(await tries(id)).toHaveLength(4);
  });
});

describe('voiding a charge', () => {
  test('in dunning stops its retries and makes the subscription active again', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    await voidCharge(ctx, await idOf(id), siti);
    await world.liveUntil('2026-02-27T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'void', note: 'void: because', collected: 0 });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(gateway.sent).toHaveLength(1);
  });

  test('that is paid, or has an attempt on its way, is refused', async () => {
    const id = await world.onboard('order-1');
    let during: unknown;
    gateway.script(async () => {
      during = await voidCharge(ctx, await idOf(id), siti);
      return succeeded();
    });
    await world.work();
    expect(during).toMatchObject({ kind: 'refused' });
    expect(await voidCharge(ctx, await idOf(id), siti)).toMatchObject({ kind: 'refused' });
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});

describe('retrying a charge', () => {
  test('that became uncollectible collects it, and the subscription is active again', async () => {
    const id = await world.onboard('order-1', 'forgiving');
    gateway.script(declined('INSUFFICIENT_BALANCE'), declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-02-10T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    expect(await retryCharge(ctx, await idOf(id), siti)).toMatchObject({ kind: 'changed' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('in vain leaves it as it was, with one attempt more', async () => {
    const id = await world.onboard('order-1', 'forgiving');
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-02-15T00:00:00Z');
    await retryCharge(ctx, await idOf(id), siti);
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'uncollectible',
      attempts: [{}, {}, { outcome: 'declined' }],
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
  });

  test('still keeps to the mandate: not twice on one day', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await retryCharge(ctx, await idOf(id), siti);
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: '2026-02-01T02:00:00Z' });
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('is refused for one that is paid, and of a subscription that is canceled; nobody knows an id of nobody', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    expect(await retryCharge(ctx, await idOf(id), siti)).toMatchObject({ kind: 'refused' });
    expect(await retryCharge(ctx, id, siti)).toEqual({ kind: 'not_found' });
    const other = await world.onboard('order-2', 'three');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    expect(await retryCharge(ctx, await idOf(other), siti)).toMatchObject({ kind: 'refused' });
  });

  test('by two people and two daemons at once makes one attempt', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    world.moveTo('2026-02-01T01:00:00Z');
    const charge = await idOf(id);
    const other = world.another();
    await Promise.all([ctx, other, ctx, other].map((daemon) => retryCharge(daemon, charge, siti)));
    await Promise.all([ctx, other].map((daemon) => world.workAs(daemon)));
    expect(gateway.sent).toHaveLength(2);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{}, { number: 2 }] });
  });
});

describe('forgiving a charge', () => {
  const short = declined('INSUFFICIENT_BALANCE');

  test('in dunning ends its retries: it is void, and its subscription active as if it were paid', async () => {
    const id = await world.onboard('order-1');
    gateway.script(short);
    await world.work();
    expect(await forgiveCharge(ctx, await idOf(id), siti)).toMatchObject({ kind: 'changed' });
    await world.liveUntil('2026-02-27T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'void',
      note: 'forgiven: because',
      collected: 0,
      advice: null,
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await world.told(id)).toContain('charge.forgiven');
    expect(gateway.sent).toHaveLength(1);
  });

  test('counts as paid, for ever: an older period that was given up is not owed again with the next act', async () => {
    const id = await world.onboard('order-1', 'forgiving');
    gateway.otherwise(short);
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    await forgiveCharge(ctx, (await world.charge(id, 1)).id, siti);
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await resumeSubscription(ctx, id, { actor: 'siti' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await world.charge(id, 1)).toMatchObject({ status: 'void' });
  });

  test('that a pause had voided before stays forgiven when its subscription is resumed', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-03-02T00:00:00Z');
    gateway.otherwise(short);
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    await forgiveCharge(ctx, (await world.charge(id, 1)).id, siti);
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await resumeSubscription(ctx, id, { actor: 'siti' });
    expect(await world.charge(id, 1)).toMatchObject({ status: 'void' });
  });

  test('is possible of one that is held, with an outcome that nobody knows; not of one that is paid', async () => {
    const id = await held();
    await forgiveCharge(ctx, await idOf(id), siti);
    expect(await world.charge(id)).toMatchObject({ status: 'void', attempts: [{ failure_code: 'CLOSED_BY_PERSON' }] });
    expect(await forgiveCharge(ctx, await idOf(id), siti)).toMatchObject({ kind: 'refused' });
  });
});

describe('writing a charge off', () => {
  test('in dunning gives it up, and leaves its subscription to go on owing', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await writeOffCharge(ctx, await idOf(id), siti);
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible', note: 'written off: because' });
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    await world.liveUntil('2026-02-27T00:00:00Z');
    expect(gateway.sent).toHaveLength(1);
  });

  test('is final but for a person: no resume asks for it, a retry by hand does', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await writeOffCharge(ctx, await idOf(id), siti);
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-02-05T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    await retryCharge(ctx, await idOf(id), siti);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('is refused of what is given up already, paid, or on its way', async () => {
    const id = await world.onboard('order-1');
    let during: unknown;
    gateway.script(async () => {
      during = await writeOffCharge(ctx, await idOf(id), siti);
      return succeeded();
    });
    await world.work();
    expect(during).toMatchObject({ kind: 'refused' });
    expect(await writeOffCharge(ctx, await idOf(id), siti)).toMatchObject({ kind: 'refused' });
  });
});
