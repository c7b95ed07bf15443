import { beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { releaseCharge, retryCharge } from '../../src/flows/charges/change-charge.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import type { WholeChargeView } from '../../src/flows/views/list-charges.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

const person = { actor: 'somebody', reason: null };
const busy: Outcome = {
  kind: 'refused',
  scope: 'throttled',
  code: 'PAYMENT_REQUEST_RATE_LIMITED',
  detail: 'as scripted',
  retryAfterSeconds: null,
};
const jcb = { network: 'JCB' } as const;

async function anotherCard(id: string): Promise<void> {
  await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
  await world.saveMethod(id, { network: 'VISA' });
}

/** Days from when a charge was due to its first attempt, and from that one to its last. */
function ages(charge: WholeChargeView): readonly number[] {
  const times = [charge.due_at, ...charge.attempts.map((one) => one.sent_at)].map((at) => Temporal.Instant.from(at));
  const [due, first = due, last = first] = [times[0], times[1], times.at(-1)];
  if (due === undefined || first === undefined || last === undefined) return [];
  return [first.since(due).total('hours') / 24, last.since(first).total('hours') / 24];
}

describe('no attempt lies outside of its charge’s dunning window', () => {
  test('a retry that could not be made within it is held for a person, who was not told no', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    world.moveTo('2026-02-28T02:00:01Z');
    await world.work();
    expect(gateway.sent.filter(({ referenceId }) => referenceId.includes('_0_'))).toHaveLength(1);
    const charge = await world.charge(id);
    expect(charge).toMatchObject({ status: 'held', hold_reason: 'window_over' });
    expect(charge.note).toContain('Its window ended on 2026-02-28T02:00:00Z before it could be tried again');
    const told = world.logged.filter(({ event }) => event === 'charge held for a person');
    expect(told).toMatchObject([{ level: 'warn', facts: { way_out: expect.stringContaining('charges release') } }]);
  });

  test('at its very end the retry is still made', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    world.moveTo('2026-02-28T02:00:00Z');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('a card that its network’s limits keep from being tried waits for another one, and is given up at the end', async () => {
    const id = await world.onboard('order-1', 'stubborn', {}, jcb);
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-07-01T00:00:00Z');
    const charges = await world.charges(id);
    expect(charges.length).toBeGreaterThan(15);
    for (const age of charges.flatMap(ages)) expect(age).toBeLessThanOrEqual(28);
    const decided = charges.filter(({ due_at }) => due_at < '2026-06-02');
    for (const charge of decided) expect(charge.status).toBe('uncollectible');
    // Never tried, since the cycles before it had used up what the network allows.
    expect(decided.some(({ attempts }) => attempts.length === 0)).toBe(true);
  });

  test('and another card, brought meanwhile, is tried at once', async () => {
    const id = await world.onboard('order-1', 'stubborn', {}, jcb);
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-04-10T00:00:00Z');
    // The mandate lets them be charged a day apart: those whose window ends within the week are another matter.
    const waiting = (await world.charges(id)).filter((charge) => (charge.waits_until ?? '') > '2026-04-17');
    expect(waiting.length).toBeGreaterThan(0);
    gateway.otherwise(() => succeeded());
    await anotherCard(id);
    await world.liveUntil('2026-04-30T00:00:00Z');
    for (const { cycle } of waiting) expect(await world.charge(id, Number(cycle))).toMatchObject({ status: 'paid' });
  });

  test('missed cycles that could not be charged one a day are held, and are not due for ever', async () => {
    const id = await world.onboard('order-1', 'weekly');
    await world.work();
    world.moveTo('2026-05-30T02:30:00Z');
    // Five days after they were opened, and not when the rule would allow the next one.
    await world.liveUntil('2026-06-04T03:00:00Z');
    const missed = (await world.charges(id)).slice(1, 17);
    const statuses = missed.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['paid', 'held']));
    expect(missed.filter(({ status }) => status === 'held')).toMatchObject(
      statuses.filter((status) => status === 'held').map(() => ({ hold_reason: 'window_over', attempts: [] })),
    );
  });

  test('a person may have it tried after the window, which then begins anew', async () => {
    const id = await world.onboard('order-1', 'forgiving');
    gateway.script(declined('STOLEN_CARD'));
    await world.liveUntil('2026-02-10T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    await anotherCard(id);
    world.moveTo('2026-02-20T02:00:00Z');
    gateway.script(declined('ISSUER_UNAVAILABLE'));
    await retryCharge(ctx, (await world.charge(id)).id, person);
    await world.liveUntil('2026-02-20T02:10:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [{}, { failure_code: 'ISSUER_UNAVAILABLE' }, { outcome: 'succeeded' }],
    });
  });

  test('so does what a person releases, and what was paused until after it and is resumed', async () => {
    const [held, paused] = [await world.onboard('order-1'), await world.onboard('order-2')];
    gateway.script(declined('INSUFFICIENT_BALANCE'), declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await pauseSubscription(ctx, paused, { actor: 'somebody' });
    world.moveTo('2026-03-05T02:00:00Z');
    await world.work();
    expect(await world.charge(held)).toMatchObject({ status: 'held' });
    await releaseCharge(ctx, (await world.charge(held)).id, person);
    await resumeSubscription(ctx, paused, { actor: 'somebody' });
    await world.liveUntil('2026-03-08T00:00:00Z');
    expect(await world.charge(held)).toMatchObject({ status: 'paid' });
    expect(await world.charge(paused)).toMatchObject({ status: 'paid' });
  });
});

describe('a charge for which Xendit is always too busy', () => {
  test.each([
    ['is refused', () => busy],
    ['is declined with a code of that class', () => declined('RATE_LIMIT_EXCEEDED')],
  ])('%s: sent again in growing pauses, and held when its window ends', async (_name, outcome) => {
    const id = await world.onboard('order-1', 'weekly');
    gateway.otherwise((sent) => (sent.referenceId.includes('_0_') ? outcome() : succeeded()));
    await world.liveUntil('2026-02-05T01:59:59Z');
    const waiting = await world.charge(id);
    expect(waiting).toMatchObject({ status: 'due' });
    // Six pauses until an hour lies between two of them, then an hour each: 5 days have 120.
    expect(waiting.attempts.length).toBeLessThan(130);
    await world.liveUntil('2026-02-06T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'throttled' });
    expect(ages(await world.charge(id)).at(-1)).toBeLessThanOrEqual(5);
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('pays as soon as there is room, and its next trouble begins with a minute again', async () => {
    const id = await world.onboard('order-1');
    gateway.script(busy, busy, busy, declined('ISSUER_UNAVAILABLE'), busy);
    await world.liveUntil('2026-01-31T03:00:00Z');
    const sent = (await world.charge(id)).attempts.map((one) => one.sent_at.slice(11, 16));
    expect(sent).toEqual(['02:00', '02:01', '02:03', '02:07', '02:12', '02:13']);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});
