import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { releaseCharge, retryCharge, voidCharge } from '../../src/flows/charges/change-charge.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { type ReplaceInput, replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { runs } from '../support/runs.ts';
import { declined, refused, type Step, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

const siti = { actor: 'siti', reason: 'because' };
const asBefore: ReplaceInput = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
const noMoney = declined('INSUFFICIENT_BALANCE');
const idOf = async (id: string, cycle = 0) => (await world.charge(id, cycle)).id;
const statusOf = async (id: string) => (await world.subscription(id)).status;

/** Its first cycle is given up on 2 February; its plan says what follows. */
async function givenUp(plan: 'asking' | 'forgiving'): Promise<string> {
  const id = await world.onboard('order-1', plan);
  gateway.script(noMoney, noMoney);
  await world.liveUntil('2026-02-03T00:00:00Z');
  expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
  return id;
}

describe('a subscription that its plan paused with a charge that was given up', () => {
  test('is resumed with a new card in the same period: the charge is tried again, and it is past due until then', async () => {
    const id = await givenUp('asking');
    expect(await statusOf(id)).toBe('paused');
    await replaceMethod(ctx, id, asBefore);
    const token = await world.saveMethod(id);
    await resumeSubscription(ctx, id, { actor: 'siti' });
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due', reason: null });
    expect((await world.told(id)).slice(-2)).toEqual(['subscription.resumed', 'charge.released']);
    await world.liveUntil('2026-02-04T02:00:00Z');
    expect(gateway.sent.at(-1)).toMatchObject({ tokenId: token });
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{}, {}, { outcome: 'succeeded' }] });
    expect(await statusOf(id)).toBe('active');
  });

  test('is paused again when the charge is declined again', async () => {
    const id = await givenUp('asking');
    await resumeSubscription(ctx, id, { actor: 'siti' });
    gateway.script(noMoney);
    await world.liveUntil('2026-02-05T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible', attempts: [{}, {}, {}] });
    expect(await statusOf(id)).toBe('paused');
  });

  test('and resumed in a later period owes that one', async () => {
    const id = await givenUp('asking');
    await world.liveUntil('2026-03-05T00:00:00Z');
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect(await world.charges(id)).toMatchObject([{ status: 'uncollectible' }, { status: 'paid' }]);
    expect(await statusOf(id)).toBe('active');
  });
});

describe('a charge that was given up, of a subscription that its plan keeps,', () => {
  test('voided by a person leaves nothing owed: it is active at once', async () => {
    const id = await givenUp('forgiving');
    expect(await statusOf(id)).toBe('past_due');
    await voidCharge(ctx, await idOf(id), siti);
    expect(await statusOf(id)).toBe('active');
    expect((await world.told(id)).slice(-2)).toEqual(['charge.voided', 'subscription.active']);
  });

  test('voided by a person leaves what was given up before it', async () => {
    const id = await givenUp('forgiving');
    gateway.script(noMoney, noMoney);
    await world.liveUntil('2026-03-05T00:00:00Z');
    await voidCharge(ctx, await idOf(id, 1), siti);
    expect(await statusOf(id)).toBe('past_due');
    await voidCharge(ctx, await idOf(id, 0), siti);
    expect(await statusOf(id)).toBe('active');
  });

  test('leaves it past due while the charge of the next period is on its way', async () => {
    const id = await givenUp('forgiving');
    gateway.script(unknown(), succeeded());
    await world.liveUntil('2026-02-28T02:01:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'attempting' });
    expect(await statusOf(id)).toBe('past_due');
    await world.liveUntil('2026-02-28T03:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    expect(await statusOf(id)).toBe('active');
  });

  test('is tried at once with a new card in its own period', async () => {
    const id = await givenUp('forgiving');
    await replaceMethod(ctx, id, asBefore);
    await world.saveMethod(id);
    expect(await statusOf(id)).toBe('past_due');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await statusOf(id)).toBe('active');
  });

  test('retried by a person is in dunning until it is paid', async () => {
    const id = await givenUp('forgiving');
    await world.liveUntil('2026-03-05T00:00:00Z');
    expect(await statusOf(id)).toBe('active');
    await retryCharge(ctx, await idOf(id), siti);
    expect(await statusOf(id)).toBe('past_due');
    await world.work();
    expect(await statusOf(id)).toBe('active');
    await expectSound(world);
  });
});

describe('a charge of an earlier period', () => {
  test('given up when a later one is paid leaves its subscription active', async () => {
    const id = await world.onboard('order-1', 'stubborn');
    gateway.otherwise((sent) => (sent.referenceId.includes('_0_') ? noMoney : succeeded()));
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect((await world.charges(id)).slice(0, 2)).toMatchObject([{ status: 'uncollectible' }, { status: 'paid' }]);
    expect(await statusOf(id)).toBe('active');
  });

  test('paid late while a later one is given up leaves its subscription past due', async () => {
    const id = await givenUp('forgiving');
    gateway.script(noMoney, noMoney);
    await world.liveUntil('2026-03-05T00:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'uncollectible' });
    await retryCharge(ctx, await idOf(id), siti);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await statusOf(id)).toBe('past_due');
  });
});

/* What is owed, found out the slow way: from every charge, its attempts and the log, after every act. */

const plans = ['forgiving', 'weekly-pausing', 'stubborn', 'patient', 'trial', 'two-weeks'] as const;
/** The commoner ones more often; `rest` is a pause that ends. */
const acts = [
  'rest',
  'rest',
  'rest',
  'void',
  'void',
  'retry',
  'release',
  'replace',
  'pause',
  'resume',
  'leave',
  'days',
  'days',
  'days',
  'weeks',
  'weeks',
  'minutes',
] as const;
const answers: Readonly<Record<string, Step>> = {
  money: () => succeeded(),
  none: noMoney,
  expired: declined('EXPIRED_CARD'),
  late: declined('ISSUER_UNAVAILABLE'),
  ours: refused('charge', 'API_VALIDATION_ERROR'),
};

type Life = {
  readonly plan: (typeof plans)[number];
  readonly steps: readonly { readonly act: (typeof acts)[number]; readonly answer: string; readonly pick: number }[];
};

const lives: fc.Arbitrary<Life> = fc.record({
  plan: fc.constantFrom(...plans),
  steps: fc.array(
    fc.record({
      act: fc.constantFrom(...acts),
      answer: fc.constantFrom('money', 'money', 'none', 'none', 'none', 'expired', 'late', 'ours'),
      pick: fc.nat(50),
    }),
    { minLength: 12, maxLength: 20 },
  ),
});

async function live(id: string, { act, answer, pick }: Life['steps'][number]): Promise<void> {
  gateway.otherwise(answers[answer] ?? succeeded());
  const charges = await world.charges(id);
  const charge = charges[pick % Math.max(1, charges.length)]?.id;
  const later = (more: Temporal.DurationLike) => world.liveUntil(world.now().add(more).toString());
  switch (act) {
    case 'pause':
      return void (await pauseSubscription(ctx, id, { actor: 'siti' }));
    case 'resume':
      return void (await resumeSubscription(ctx, id, { actor: 'siti' }));
    case 'replace':
      if ((await replaceMethod(ctx, id, asBefore)).kind === 'opened') await world.saveMethod(id);
      return;
    case 'void':
      return charge === undefined ? undefined : void (await voidCharge(ctx, charge, siti));
    case 'retry':
      return charge === undefined ? undefined : void (await retryCharge(ctx, charge, siti));
    case 'release':
      return charge === undefined ? undefined : void (await releaseCharge(ctx, charge, siti));
    case 'rest':
      await pauseSubscription(ctx, id, { actor: 'siti' });
      await later({ hours: 12 * (1 + (pick % 14)) });
      return void (await resumeSubscription(ctx, id, { actor: 'siti' }));
    case 'minutes':
      return await later({ minutes: 10 + pick });
    case 'days':
      return await later({ hours: 24 * (1 + (pick % 5)) });
    case 'weeks':
      return await later({ hours: 24 * (7 + (pick % 25)) });
    case 'leave':
      if (pick % 10 === 0) await cancelSubscription(ctx, id, { at: 'period_end', reason: null, actor: 'siti' });
  }
}

type Charge = Awaited<ReturnType<typeof world.charges>>[number];

/** Declined by a bank, or found without a method, and still asked for. */
async function isInDunning(charge: Charge): Promise<boolean> {
  if (!['due', 'attempting', 'held'].includes(charge.status)) return false;
  if (charge.attempts.some(({ failure_code: code }) => code === 'INSUFFICIENT_BALANCE' || code === 'EXPIRED_CARD'))
    return true;
  const told = await world.ask<{ kind: string }>(
    sql`select kind from ledger where charge_id = ${charge.id}::uuid and kind in ('charge.uncollectible', 'subscription.needs_method')`,
  );
  return told.length > 0;
}

async function expectOwed(id: string): Promise<void> {
  const subscription = await world.subscription(id);
  if (!['trialing', 'active', 'past_due'].includes(subscription.status)) return;
  const charges = (await world.charges(id)).toSorted((a, b) => Number(b.cycle) - Number(a.cycle));
  const dunning = await Promise.all(charges.map(isInDunning));
  const decided = charges.find(({ status }) => status === 'paid' || status === 'uncollectible');
  const owes = dunning.includes(true) || decided?.status === 'uncollectible';
  const onTrial = subscription.plan === 'trial' && charges.length === 0;
  expect(subscription.status).toBe(owes ? 'past_due' : onTrial ? 'trialing' : 'active');
  // What the API promises of the period that runs.
  const now = charges.find(({ cycle }) => cycle === subscription.current_cycle?.number);
  if (subscription.status !== 'active' || now === undefined) return;
  expect(now.status).not.toBe('uncollectible');
  expect(now.status === 'void' && now.note?.includes('paused')).toBe(false);
}

test('after every act, in whatever order, the status is what is owed, and no period is paid for twice', async () => {
  await fc.assert(
    fc.asyncProperty(lives, async ({ plan, steps }) => {
      await world.startOver(start);
      const id = await world.onboard('order-1', plan);
      for (const step of steps) {
        await live(id, step);
        await expectOwed(id);
      }
      const cycles = gateway.payments.map(({ referenceId }) => referenceId.replace(/_\d+$/, ''));
      expect(new Set(cycles).size).toBe(cycles.length);
      await expectSound(world);
    }),
    {
      numRuns: Number(process.env.STATUS_RUNS ?? runs(10, 3)),
      ...(process.env.STATUS_SEED === undefined && { seed: 9 }),
    },
  );
}, 120_000);
