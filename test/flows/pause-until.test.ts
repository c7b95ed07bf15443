import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { cancelSubscription, keepSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import {
  type PauseInput,
  pauseSubscription,
  resumeSubscription,
} from '../../src/flows/subscriptions/pause-subscription.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { cyclesAmiss } from '../support/calendar.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

// In Jakarta it is nine in the morning, the hour of all charges; months begin on the 31st.
const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const date = (text: string) => Temporal.PlainDate.from(text);
const actor = 'siti';

async function paused(id: string, input: Partial<PauseInput> & { readonly until?: Temporal.PlainDate | null }) {
  return await pauseSubscription(ctx, id, { actor, ...input });
}

async function paying(plan = 'monthly'): Promise<string> {
  const id = await world.onboard('order-1', plan);
  await world.work();
  return id;
}

const upcoming = async (id: string) =>
  (await listUpcoming(ctx, id, 3))?.map(({ cycle, due_at }) => `${cycle} ${due_at}`);
const resumedAt = async () =>
  await world.ask<{ at: string; actor: string }>(
    sql`select to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at, actor from ledger where kind = 'subscription.resumed'`,
  );

describe('a pause until a date', () => {
  test('is not said to be over before it is: it ends by itself on that day, at the hour of charges', async () => {
    const id = await paying();
    await paused(id, { until: date('2026-03-10') });
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', resumes_on: '2026-03-10' });
    await world.liveUntil('2026-03-10T01:59:59Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
    expect(await world.told(id)).not.toContain('subscription.resumed');
    await world.liveUntil('2026-04-01T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active', resumes_on: null });
    expect(await resumedAt()).toEqual([{ at: '2026-03-10 02:00', actor: 'schedule' }]);
    expect(await world.charges(id)).toMatchObject([
      { cycle: 0, status: 'paid' },
      { cycle: 1, status: 'paid', due_at: '2026-02-28T02:00:00Z', attempts: [{ sent_at: '2026-03-10T02:00:00Z' }] },
      { cycle: 2, status: 'paid', due_at: '2026-03-31T02:00:00Z' },
    ]);
  });

  test('tells the charges that will come after it, each as it then happens', async () => {
    const id = await paying();
    await paused(id, { until: date('2026-04-15') });
    const told = await upcoming(id);
    expect(told).toEqual(['2 2026-04-15T02:00:00Z', '3 2026-04-30T02:00:00Z', '4 2026-05-31T02:00:00Z']);
    expect(await world.subscription(id)).toMatchObject({ next_charge_at: '2026-04-15T02:00:00Z' });
    await world.liveUntil('2026-06-01T00:00:00Z');
    const paid = (await world.charges(id)).filter(({ status, cycle }) => status === 'paid' && cycle !== 0);
    expect(paid.map(({ cycle, attempts }) => `${cycle} ${attempts[0]?.sent_at}`)).toEqual(told);
  });

  test('that ends in a period that is paid asks for nothing before the next one', async () => {
    const id = await paying();
    await paused(id, { until: date('2026-02-10') });
    expect(await upcoming(id)).toEqual(['1 2026-02-28T02:00:00Z', '2 2026-03-31T02:00:00Z', '3 2026-04-30T02:00:00Z']);
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await world.charges(id)).toMatchObject([{ status: 'paid' }, { cycle: 1, status: 'paid' }]);
  });

  test('that ends when a cycle falls due charges that cycle, and no row of it was ever void', async () => {
    const id = await paying();
    await paused(id, { until: date('2026-02-28') });
    expect(await upcoming(id)).toMatchObject({ 0: '1 2026-02-28T02:00:00Z' });
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    expect(await world.told(id)).not.toContain('charge.voided');
  });

  test('is over on time also where no daemon ran: later cycles are owed, those within it are void', async () => {
    const id = await paying('weekly');
    await paused(id, { until: date('2026-02-16') });
    world.moveTo('2026-02-21T02:00:00Z');
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await world.charges(id)).toMatchObject([
      { cycle: 0, status: 'paid' },
      { cycle: 1, status: 'void' },
      { cycle: 2, status: 'void' },
      { cycle: 3, status: 'paid', due_at: '2026-02-21T02:00:00Z' },
    ]);
  });

  test('is one row for each of two daemons that come by at once', async () => {
    const id = await paying();
    await paused(id, { until: date('2026-02-10') });
    world.moveTo('2026-02-10T02:00:00Z');
    await Promise.all([world.work(), world.workAs(world.another()), world.workAs(world.another())]);
    expect((await world.told(id)).filter((kind) => kind === 'subscription.resumed')).toHaveLength(1);
  });

  test.each(['2026-01-31', '2026-01-30', '2020-01-01'])(
    'cannot end on %s, which is not after its beginning',
    async (day) => {
      const id = await paying();
      const before = await world.told(id);
      const message = 'must lie after 2026-01-31, the day on which the pause begins';
      expect(await paused(id, { until: date(day) })).toEqual({
        kind: 'invalid',
        faults: [{ field: 'until', message }],
      });
      expect(await world.told(id)).toEqual(before);
    },
  );

  test('may be ended sooner by a person, and then is not ended a second time', async () => {
    const id = await paying();
    await paused(id, { until: date('2026-02-10') });
    await world.liveUntil('2026-02-05T00:00:00Z');
    await resumeSubscription(ctx, id, { actor });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', resumes_on: null });
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await resumedAt()).toEqual([{ at: '2026-02-05 00:00', actor }]);
  });

  test('is over with its subscription: who cancels in it is not resumed', async () => {
    const id = await paying();
    await paused(id, { until: date('2026-02-10') });
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor });
    await world.liveUntil('2026-03-20T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', resumes_on: null });
    expect(await resumedAt()).toEqual([]);
  });
});

describe('what was due', () => {
  async function owing(): Promise<string> {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    return id;
  }

  test.each([
    ['charge', 'paid', 'active'],
    ['void', 'void', 'active'],
    ['hold', 'held', 'past_due'],
  ] as const)('is %s, as the pause says, when it ends by itself: %s', async (onResume, status, after) => {
    const id = await owing();
    await paused(id, { until: date('2026-02-10'), onResume });
    await world.liveUntil('2026-02-10T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status });
    expect(await world.subscription(id)).toMatchObject({ status: after });
  });

  test.each([
    ['charge', 'paid'],
    ['void', 'void'],
    ['hold', 'held'],
  ] as const)('%s: the period that runs then, and fell due in the pause, is %s', async (onResume, status) => {
    const id = await paying();
    await paused(id, { until: date('2026-03-10'), onResume });
    await world.liveUntil('2026-03-10T02:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status });
    const first = (await upcoming(id))?.[0];
    expect(first).toBe('2 2026-03-31T02:00:00Z');
  });

  test.each(['void', 'hold'] as const)('%s: no charge is told for the day on which it goes on', async (onResume) => {
    const id = await paying();
    await paused(id, { until: date('2026-03-10'), onResume });
    expect((await upcoming(id))?.[0]).toBe('2 2026-03-31T02:00:00Z');
  });

  test('is decided anew by who resumes, and else as the pause said', async () => {
    const id = await owing();
    await paused(id, { onResume: 'void' });
    await resumeSubscription(ctx, id, { onResume: 'hold', actor });
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'by_hand' });
    await pauseSubscription(ctx, id, { onResume: 'void', actor });
    await resumeSubscription(ctx, id, { actor });
    expect(await world.charge(id)).toMatchObject({ status: 'held' });
  });
});

describe("a pause at the period's end", () => {
  test('is seen before it begins, charges nothing more, and begins when the next cycle falls due', async () => {
    const id = await paying();
    await paused(id, { at: 'period_end', reason: 'on a long voyage' });
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      pause_at: '2026-02-28T02:00:00Z',
      next_charge_at: null,
    });
    await world.liveUntil('2026-02-28T01:59:59Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    await world.liveUntil('2026-04-10T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({
      status: 'paused',
      pause_at: null,
      reason: 'on a long voyage',
    });
    expect(await world.charges(id)).toMatchObject([{ status: 'paid' }, { status: 'void' }, { status: 'void' }]);
    expect((await world.told(id)).filter((kind) => kind.startsWith('subscription.pause'))).toEqual([
      'subscription.pause_requested',
      'subscription.paused',
    ]);
    expect(gateway.sent).toHaveLength(1);
  });

  test('ends on its day, also where no daemon ran from before it began until after it was over', async () => {
    const id = await paying('weekly');
    await paused(id, { at: 'period_end', until: date('2026-02-16') });
    world.moveTo('2026-02-21T02:00:00Z');
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active', pause_at: null, resumes_on: null });
    expect(await world.charges(id)).toMatchObject([
      { status: 'paid' },
      { cycle: 1, status: 'void' },
      { cycle: 2, status: 'void' },
      { cycle: 3, status: 'paid' },
    ]);
    const told = (await world.told(id)).filter((kind) => /paused|resumed/.test(kind));
    expect(told).toEqual(['subscription.paused', 'subscription.resumed']);
  });

  test('leaves what is in dunning alone once it has begun', async () => {
    const id = await paying('weekly');
    world.moveTo('2026-02-07T02:00:00Z');
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await paused(id, { at: 'period_end' });
    await world.liveUntil('2026-02-14T02:00:00Z');
    const sent = gateway.sent.length;
    await world.liveUntil('2026-03-01T02:00:00Z');
    expect(gateway.sent).toHaveLength(sent);
  });

  test('cannot end before it begins', async () => {
    const id = await paying();
    expect(await paused(id, { at: 'period_end', until: date('2026-02-28') })).toMatchObject({ kind: 'invalid' });
    expect(await paused(id, { at: 'period_end', until: date('2026-03-01') })).toMatchObject({ kind: 'changed' });
  });

  test('is taken back by resuming, and the subscription is charged as before', async () => {
    const id = await paying();
    const before = await upcoming(id);
    await paused(id, { at: 'period_end' });
    expect(await upcoming(id)).toEqual([]);
    expect(await resumeSubscription(ctx, id, { actor })).toMatchObject({ kind: 'changed' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', pause_at: null });
    expect(await upcoming(id)).toEqual(before);
    expect((await world.told(id)).at(-1)).toBe('subscription.pause_withdrawn');
    expect(await resumeSubscription(ctx, id, { actor })).toMatchObject({ kind: 'refused' });
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
  });

  test('asked for a second time in the same words changes nothing', async () => {
    const id = await paying();
    const same = { at: 'period_end', until: date('2026-05-01'), reason: 'on a long voyage' } as const;
    await paused(id, same);
    const before = await world.told(id);
    expect(await paused(id, same)).toMatchObject({ kind: 'changed' });
    expect(await world.told(id)).toEqual(before);
  });
});

describe('of a pause and a cancellation that are planned, the later wins and names the earlier', () => {
  const leaving = { at: 'period_end', reason: 'moved away', actor } as const;

  test('a pause replaces a cancellation', async () => {
    const id = await paying();
    await cancelSubscription(ctx, id, leaving);
    expect(await paused(id, { at: 'period_end' })).toMatchObject({
      replaced: { what: 'cancel', at: Temporal.Instant.from('2026-02-28T02:00:00Z'), reason: 'moved away' },
    });
    await world.liveUntil('2026-03-20T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', cancel_at: null, reason: null });
  });

  test('the ledger tells that the earlier is taken back, and why', async () => {
    const id = await paying();
    await cancelSubscription(ctx, id, { ...leaving, reason: null });
    await paused(id, { at: 'period_end' });
    await cancelSubscription(ctx, id, { ...leaving, reason: null });
    const told = await world.ask<{ kind: string; why: string }>(
      sql`select kind, why from ledger where kind ~ '^subscription[.](cancel|pause)_' order by seq`,
    );
    expect(told).toEqual([
      { kind: 'subscription.cancel_requested', why: 'canceled at the end of the period' },
      { kind: 'subscription.cancel_withdrawn', why: 'a pause takes the place of the cancellation that was planned' },
      { kind: 'subscription.pause_requested', why: 'paused at the end of the period' },
      { kind: 'subscription.pause_withdrawn', why: 'a cancellation takes the place of the pause that was planned' },
      { kind: 'subscription.cancel_requested', why: 'canceled at the end of the period' },
    ]);
  });

  test('who is paused instead of canceled, and goes on, owes the cycles that the calendar expects', async () => {
    const id = await paying();
    await cancelSubscription(ctx, id, leaving);
    await paused(id, { at: 'period_end' });
    await world.liveUntil('2026-03-20T00:00:00Z');
    await resumeSubscription(ctx, id, { actor });
    await world.liveUntil('2026-04-20T00:00:00Z');
    expect(await cyclesAmiss(world.db, world.now())).toEqual([]);
  });

  test.each(['now', 'period_end'] as const)('a cancellation replaces a pause: %s', async (at) => {
    const id = await paying();
    await paused(id, { at: 'period_end', until: date('2026-05-01'), reason: 'on a long voyage' });
    expect(await cancelSubscription(ctx, id, { ...leaving, at })).toMatchObject({
      replaced: { what: 'pause', reason: 'on a long voyage' },
    });
    expect(await world.subscription(id)).toMatchObject({ pause_at: null, resumes_on: null });
    await world.liveUntil('2026-05-20T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  });

  test('another pause replaces the one before it, and so does one that begins now', async () => {
    const id = await paying();
    await paused(id, { at: 'period_end', until: date('2026-05-01') });
    expect(await paused(id, { at: 'period_end' })).toMatchObject({ replaced: { what: 'pause' } });
    expect(await world.subscription(id)).toMatchObject({ resumes_on: null });
    expect(await paused(id, {})).toMatchObject({ replaced: { what: 'pause' } });
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', pause_at: null });
  });

  test('nothing is named where nothing was planned', async () => {
    const id = await paying();
    expect(await paused(id, { at: 'period_end' })).toMatchObject({ replaced: null });
    expect(await resumeSubscription(ctx, id, { actor })).toMatchObject({ kind: 'changed' });
    expect(await cancelSubscription(ctx, id, leaving)).toMatchObject({ replaced: null });
  });
});

describe('who canceled may think better of it', () => {
  test("before the period's end: it goes on as if nothing had been said", async () => {
    const id = await paying();
    const before = await upcoming(id);
    await cancelSubscription(ctx, id, { at: 'period_end', reason: 'moved away', actor });
    expect(await keepSubscription(ctx, id, actor)).toMatchObject({ kind: 'changed' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', cancel_at: null, reason: null });
    expect(await upcoming(id)).toEqual(before);
    expect((await world.told(id)).at(-1)).toBe('subscription.cancel_withdrawn');
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
  });

  test('and not after it, nor where nothing is planned', async () => {
    const id = await paying();
    const detail = 'The subscription is active, and no cancellation of it is planned.';
    expect(await keepSubscription(ctx, id, actor)).toEqual({ kind: 'refused', detail });
    await cancelSubscription(ctx, id, { at: 'period_end', reason: null, actor });
    world.moveTo('2026-02-28T02:00:00Z');
    expect(await keepSubscription(ctx, id, actor)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('canceled'),
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  });
});
