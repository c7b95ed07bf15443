import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { previewCancel } from '../../src/flows/subscriptions/canceling/preview-cancel.ts';
import { addItem } from '../../src/flows/subscriptions/change-items.ts';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms, withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import {
  type PauseInput,
  pauseSubscription,
  resumeSubscription,
} from '../../src/flows/subscriptions/pause-subscription.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { runs } from '../support/runs.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

// In Jakarta it is nine in the morning, the hour of all charges; months begin on the 31st.
const START = '2026-01-31T02:00:00Z';
const catalog = readFileSync(new URL('../fixtures/changed-plans.yaml', import.meta.url), 'utf8');
const world = await testWorld({ at: START, catalog });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

const date = (text: string) => Temporal.PlainDate.from(text);
const actor = 'siti';

async function paying(plan = 'pro'): Promise<string> {
  const id = await world.onboard('order-1', plan);
  await world.work();
  return id;
}

const pause = async (id: string, input: Partial<PauseInput> = {}) =>
  await pauseSubscription(ctx, id, { actor, cycles: 'shift', ...input });
const resume = async (id: string) => await resumeSubscription(ctx, id, { actor });
const change = async (id: string, body: ChangeBody) => await changeTerms(ctx, id, { body, reason: null, actor });

const upcoming = async (id: string, count = 3) =>
  ((await listUpcoming(ctx, id, count)) ?? []).map(({ cycle, due_at, amount }) => `${cycle} ${due_at} ${amount}`);
const charged = async (id: string) =>
  (await world.charges(id))
    .toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0))
    .map(({ cycle, status, period, due_at }) => `${cycle} ${status} ${period.start}..${period.end} ${due_at}`);
const broken = async () => (await checkInvariants(ctx)).filter(({ broken: found }) => found > 0);

describe('a pause that moves the calendar', () => {
  test('moves all that is to come by the days of the pause, and loses no number', async () => {
    const id = await paying();
    world.moveTo('2026-02-10T05:00:00Z');
    await pause(id);
    expect(await upcoming(id)).toEqual([]);
    await world.liveUntil('2026-03-22T05:00:00Z');
    expect(await charged(id)).toEqual(['0 paid 2026-01-31..2026-02-27 2026-01-31T02:00:00Z']);
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', next_charge_at: null });
    await resume(id);
    // 40 days: 28 February became 9 April, from which months are counted now.
    const told = await upcoming(id);
    expect(told).toEqual([
      '1 2026-04-09T02:00:00Z 150000',
      '2 2026-05-09T02:00:00Z 150000',
      '3 2026-06-09T02:00:00Z 150000',
    ]);
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      current_cycle: { number: 0, starts_on: '2026-01-31', ends_on: '2026-04-08' },
    });
    await world.liveUntil('2026-06-10T00:00:00Z');
    const after = (await world.charges(id)).filter(({ cycle }) => cycle !== 0);
    expect(
      after
        .toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0))
        .map(({ cycle, due_at, amount }) => `${cycle} ${due_at} ${amount}`),
    ).toEqual(told);
    expect(await broken()).toEqual([]);
  });

  test('writes terms down that say where they come from, and the ledger says by how many days', async () => {
    const id = await paying();
    world.moveTo('2026-02-10T05:00:00Z');
    await pause(id);
    world.moveTo('2026-02-20T05:00:00Z');
    await resume(id);
    expect(
      await world.ask(
        sql`select number, origin, from_cycle, anchor::text as anchor, anchor_cycle from terms order by number`,
      ),
    ).toEqual([
      { number: 1, origin: 'created', from_cycle: 0, anchor: '2026-01-31', anchor_cycle: 0 },
      { number: 2, origin: 'shifted', from_cycle: 1, anchor: '2026-03-10', anchor_cycle: 1 },
    ]);
    expect(await world.ask(sql`select why, detail from ledger where kind = 'subscription.resumed'`)).toEqual([
      {
        why: 'its cycles lie 10 days later from now on',
        detail: '{"days":10,"next_cycle_at":"2026-03-10T02:00:00Z"}',
      },
    ]);
  });

  test('until a day is told before, while and after it is, and each charge comes as it was told', async () => {
    const id = await paying();
    world.moveTo('2026-02-10T05:00:00Z');
    await pause(id, { until: date('2026-02-20') });
    const told = await upcoming(id);
    expect(told[0]).toBe('1 2026-03-10T02:00:00Z 150000');
    expect(await world.subscription(id)).toMatchObject({
      next_charge_at: '2026-03-10T02:00:00Z',
      current_cycle: { number: 0, ends_on: '2026-03-09' },
    });
    await world.liveUntil('2026-02-21T00:00:00Z');
    expect(await upcoming(id)).toEqual(told);
    await world.liveUntil('2026-05-11T00:00:00Z');
    expect(await charged(id)).toEqual([
      '0 paid 2026-01-31..2026-02-27 2026-01-31T02:00:00Z',
      '1 paid 2026-03-10..2026-04-09 2026-03-10T02:00:00Z',
      '2 paid 2026-04-10..2026-05-09 2026-04-10T02:00:00Z',
      '3 paid 2026-05-10..2026-06-09 2026-05-10T02:00:00Z',
    ]);
  });

  test("at the period's end begins when the next cycle would fall due, which is charged on the day on which it goes on", async () => {
    const id = await paying();
    await pause(id, { at: 'period_end', until: date('2026-04-10') });
    const told = await upcoming(id);
    expect(told.slice(0, 2)).toEqual(['1 2026-04-10T02:00:00Z 150000', '2 2026-05-10T02:00:00Z 150000']);
    await world.liveUntil('2026-03-10T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', current_cycle: null });
    expect(await upcoming(id)).toEqual(told);
    await world.liveUntil('2026-04-10T02:00:00Z');
    expect(await charged(id)).toEqual([
      '0 paid 2026-01-31..2026-02-27 2026-01-31T02:00:00Z',
      '1 paid 2026-04-10..2026-05-09 2026-04-10T02:00:00Z',
    ]);
  });

  test('is over on its day also where no daemon ran from before it began until after it was over', async () => {
    const id = await paying('weekly');
    await pause(id, { at: 'period_end', until: date('2026-02-20') });
    world.moveTo('2026-02-21T02:00:00Z');
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await charged(id)).toEqual([
      '0 paid 2026-01-31..2026-02-06 2026-01-31T02:00:00Z',
      '1 paid 2026-02-20..2026-02-26 2026-02-20T02:00:00Z',
    ]);
  });

  test('that ends on the day on which it began moves nothing', async () => {
    const id = await paying();
    world.moveTo('2026-02-10T05:00:00Z');
    const before = await upcoming(id);
    await pause(id);
    await resume(id);
    expect(await upcoming(id)).toEqual(before);
    expect(await world.ask(sql`select 1 from terms`)).toEqual([]);
  });

  test('keeps the days of a trial', async () => {
    const id = await paying('trial');
    expect(await upcoming(id, 1)).toEqual(['0 2026-02-14T02:00:00Z 99000']);
    world.moveTo('2026-02-04T05:00:00Z');
    await pause(id, { until: date('2026-03-04') });
    await world.liveUntil('2026-03-05T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'trialing', current_cycle: null });
    expect(await upcoming(id, 2)).toEqual(['0 2026-03-14T02:00:00Z 99000', '1 2026-04-14T02:00:00Z 99000']);
  });

  test('moves the end of a plan that ends: its number of payments stays', async () => {
    const id = await paying('three');
    world.moveTo('2026-02-10T05:00:00Z');
    await pause(id, { until: date('2026-02-20') });
    await world.liveUntil('2026-05-09T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    await world.liveUntil('2026-06-20T00:00:00Z');
    expect(await charged(id)).toEqual([
      '0 paid 2026-01-31..2026-02-27 2026-01-31T02:00:00Z',
      '1 paid 2026-03-10..2026-04-09 2026-03-10T02:00:00Z',
      '2 paid 2026-04-10..2026-05-09 2026-04-10T02:00:00Z',
    ]);
    expect(await world.subscription(id)).toMatchObject({ status: 'ended', ended_at: '2026-05-10T02:00:00Z' });
  });

  test('says when the method has to be saved again, since its last charge lies behind the end of the mandate', async () => {
    const id = await paying('three');
    const { mandate } = await world.subscription(id);
    world.moveTo('2026-02-10T05:00:00Z');
    await pause(id);
    world.moveTo('2026-04-20T05:00:00Z');
    await resume(id);
    expect(await world.ask(sql`select why from ledger where kind = 'subscription.resumed'`)).toEqual([
      {
        why:
          `its cycles lie 69 days later from now on; its method may be charged until ${mandate?.recurring_expiry}, ` +
          'and its last charge is on 2026-06-08: its customer has to save one again (POST .../onboarding)',
      },
    ]);
  });

  test('tries a period again that was given up, if it still runs because its days moved', async () => {
    const id = await paying();
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.above(`update charges set status = 'uncollectible', collected = 0, next_attempt_at = null`);
    world.moveTo('2026-02-20T05:00:00Z');
    await pause(id);
    world.moveTo('2026-03-05T05:00:00Z');
    const sent = gateway.sent.length;
    await resume(id);
    await world.work();
    expect(gateway.sent.length).toBe(sent + 1);
  });

  test('twice in one period moves by the days of both', async () => {
    const id = await paying();
    for (const [from, to] of [
      ['2026-02-05T05:00:00Z', '2026-02-08T05:00:00Z'],
      ['2026-02-12T05:00:00Z', '2026-02-16T05:00:00Z'],
    ] as const) {
      world.moveTo(from);
      await pause(id);
      world.moveTo(to);
      await resume(id);
    }
    expect(await upcoming(id, 1)).toEqual(['1 2026-03-07T02:00:00Z 150000']);
  });

  test('loses, repeats and shortens nothing in random years of pauses', async () => {
    const rest = fc.record({ after: fc.integer({ min: 1, max: 50 }), days: fc.integer({ min: 0, max: 45 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(rest, { minLength: 1, maxLength: 4 }), async (rests) => {
        await world.startOver(START);
        const id = await paying();
        const days = (n: number) =>
          world
            .now()
            .add({ hours: 24 * n })
            .toString();
        const paused: { from: Temporal.PlainDate; days: number }[] = [];
        for (const one of rests) {
          await world.liveUntil(days(one.after));
          await pause(id);
          paused.push({ from: world.now().toZonedDateTimeISO('Asia/Jakarta').toPlainDate(), days: one.days });
          await world.liveUntil(days(one.days));
          await resume(id);
        }
        await world.liveUntil(days(70));
        const all = (await world.charges(id)).toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0));
        expect(all.map(({ cycle }) => cycle)).toEqual(all.map((_, index) => index));
        for (const [index, { period }] of all.slice(0, -1).entries()) {
          const [start, end] = [date(period.start), date(all[index + 1]?.period.start ?? '')];
          const within = paused.filter(
            ({ from }) => Temporal.PlainDate.compare(from, start) >= 0 && Temporal.PlainDate.compare(from, end) < 0,
          );
          const stood = within.reduce((sum, one) => sum + one.days, 0);
          const bought = start.until(date(period.end).add({ days: 1 })).days;
          expect(start.until(end).days).toBe(bought + stood);
        }
        expect(await broken()).toEqual([]);
      }),
      { numRuns: runs(12, 4), seed: Number(process.env.BOOKS_SEED ?? 9) },
    );
  });
});

describe('what was agreed for later', () => {
  test('moves along: a change that is planned for the next period begins with that period', async () => {
    const id = await paying();
    await change(id, { plan: 'max', when: 'period_end' });
    world.moveTo('2026-02-10T05:00:00Z');
    await pause(id, { until: date('2026-02-20') });
    const told = await upcoming(id, 2);
    expect(told).toEqual(['1 2026-03-10T02:00:00Z 300000', '2 2026-04-10T02:00:00Z 300000']);
    await world.liveUntil('2026-02-21T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ planned_change: { at: '2026-03-10T02:00:00Z' } });
    expect(await upcoming(id, 2)).toEqual(told);
    await world.liveUntil('2026-04-11T00:00:00Z');
    expect((await world.charges(id)).map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual([
      150_000, 300_000, 300_000,
    ]);
    expect(await world.subscription(id)).toMatchObject({ plan: 'max', planned_change: null });
    expect(await broken()).toEqual([]);
  });

  test('can still be withdrawn, and the days of the pause stay moved', async () => {
    const id = await paying();
    await change(id, { plan: 'yearly', when: 'period_end' });
    world.moveTo('2026-02-10T05:00:00Z');
    await pause(id);
    world.moveTo('2026-02-20T05:00:00Z');
    await resume(id);
    expect(await upcoming(id, 2)).toEqual(['1 2026-03-10T02:00:00Z 1200000', '2 2027-03-10T02:00:00Z 1200000']);
    await withdrawChange(ctx, id, actor);
    expect(await upcoming(id, 2)).toEqual(['1 2026-03-10T02:00:00Z 150000', '2 2026-04-10T02:00:00Z 150000']);
  });

  test('moves along from a later period too, and leaves nothing behind when it is withdrawn', async () => {
    const id = await paying();
    await change(id, { plan: 'max', when: '2026-03-31' });
    world.moveTo('2026-02-10T05:00:00Z');
    await pause(id);
    world.moveTo('2026-02-20T05:00:00Z');
    await resume(id);
    const days = ['1 2026-03-10T02:00:00Z', '2 2026-04-10T02:00:00Z', '3 2026-05-10T02:00:00Z'];
    expect(await upcoming(id)).toEqual([`${days[0]} 150000`, `${days[1]} 300000`, `${days[2]} 300000`]);
    await withdrawChange(ctx, id, actor);
    expect(await upcoming(id)).toEqual(days.map((day) => `${day} 150000`));
  });

  test('for a day is refused with such a pause, in either order', async () => {
    const id = await paying();
    await change(id, { plan: 'max', when: '2026-02-20' });
    expect(await pause(id)).toMatchObject({ kind: 'refused', detail: expect.stringContaining('Change 1') });
    expect(await pause(id, { cycles: 'skip', at: 'period_end' })).toMatchObject({ kind: 'changed' });
    await withdrawChange(ctx, id, actor);
    expect(await pause(id, { at: 'period_end' })).toMatchObject({ kind: 'changed' });
    expect(await change(id, { plan: 'max', when: '2026-02-20' })).toMatchObject({ kind: 'refused' });
    expect(await change(id, { plan: 'max', when: 'period_end' })).toMatchObject({ kind: 'changed' });
  });
});

describe('while the calendar stands still', () => {
  test('a cancellation for the end of the period waits for the day that it moved to, and needs one', async () => {
    const id = await paying();
    world.moveTo('2026-02-10T05:00:00Z');
    await pause(id);
    const leaving = { at: 'period_end', reason: null, actor } as const;
    expect(await cancelSubscription(ctx, id, leaving)).toMatchObject({ kind: 'refused' });
    expect(await previewCancel(ctx, id, 'period_end')).toMatchObject({ kind: 'refused' });
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', cancel_at: null });
    await resume(id);
    await pause(id, { until: date('2026-02-20') });
    expect(await cancelSubscription(ctx, id, leaving)).toMatchObject({ kind: 'changed' });
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', cancel_at: '2026-03-10T02:00:00Z' });
    await world.liveUntil('2026-03-09T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    await world.liveUntil('2026-03-11T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', ended_at: '2026-03-10T02:00:00Z' });
  });

  test('is refused of one that is to be canceled, unless it is said until when', async () => {
    const id = await paying();
    await cancelSubscription(ctx, id, { at: 'period_end', reason: null, actor });
    expect(await pause(id)).toMatchObject({ kind: 'refused' });
    expect(await pause(id, { until: date('2026-02-20') })).toMatchObject({ kind: 'changed' });
  });

  test('no day is used up, in the preview of a cancellation neither', async () => {
    const id = await paying();
    const unused = async () => {
      const told = await previewCancel(ctx, id, 'now');
      return told.kind === 'previewed' ? told.preview.unused.days : told;
    };
    world.moveTo('2026-02-10T05:00:00Z');
    expect(await unused()).toBe(18);
    await pause(id, { until: date('2026-02-20') });
    world.moveTo('2026-02-15T05:00:00Z');
    expect(await unused()).toBe(18);
    await world.liveUntil('2026-02-20T05:00:00Z');
    expect(await unused()).toBe(18);
    await world.liveUntil('2026-03-09T05:00:00Z');
    expect(await unused()).toBe(1);
  });

  test('a line for the next charge may be added', async () => {
    const id = await paying();
    await pause(id);
    const item = { text: 'Late seat', amount: 5_000, quantity: 1 };
    expect(await addItem(ctx, id, item, actor)).toMatchObject({ kind: 'changed' });
  });
});

test("a pause for the end of a plan's last period is refused: it would never begin", async () => {
  const id = await paying('three');
  await world.liveUntil('2026-04-01T00:00:00Z');
  for (const cycles of ['skip', 'shift'] as const)
    expect(await pause(id, { at: 'period_end', cycles })).toEqual({
      kind: 'refused',
      detail: 'The last period of the subscription runs: it ends at 2026-04-30T02:00:00Z, when this pause would begin.',
    });
  await change(id, { plan: 'pro', when: 'period_end' });
  expect(await pause(id, { at: 'period_end' })).toMatchObject({ kind: 'changed' });
});
