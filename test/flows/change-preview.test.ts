import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { readPreviewToken } from '../../src/flows/subscriptions/changing/preview-token.ts';
import { changePreviewView } from '../../src/flows/views/change-view.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { runs } from '../support/runs.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
const catalog = readFileSync(new URL('../fixtures/changed-plans.yaml', import.meta.url), 'utf8');
const world = await testWorld({ at: START, catalog });
const { ctx } = world;
beforeEach(() => world.startOver(START));

async function preview(id: string, body: ChangeBody) {
  const previewed = await previewChange(ctx, id, { body, actor: 'siti' });
  return previewed.kind === 'shown' ? changePreviewView(previewed.shown) : previewed;
}

async function take(id: string, token: string) {
  const previewed = readPreviewToken(ctx, id, token);
  if (previewed === null) throw new Error('The token cannot be read.');
  return await changeTerms(ctx, id, { body: previewed.body, previewed, reason: null, actor: 'siti' });
}

const sums = async (id: string) =>
  (await world.charges(id)).map(({ cycle, due_at, amount }) => [cycle, due_at, amount] as const);

describe('a preview', () => {
  test('of an upgrade says what it costs, and the change comes to that on the next charge', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    world.moveTo('2026-09-11T03:00:00Z');
    const shown = await preview(id, { plan: 'max' });
    expect(shown).toMatchObject({
      lines: [
        { kind: 'credit', text: 'Pro, unused 20 of 30 days', amount: -100_000 },
        { kind: 'plan', text: 'Max, 20 of 30 days', amount: 200_000 },
      ],
      amount: 100_000,
      due: 'next_cycle',
      credit_after: 0,
      good_until: '2026-09-11T17:00:00Z',
      before: [{ amount: 150_000 }, { amount: 150_000 }, { amount: 150_000 }],
      after: [{ cycle: 1, due_at: '2026-10-01T02:00:00Z', amount: 400_000 }, { amount: 300_000 }, { amount: 300_000 }],
    });
    if (!('preview_token' in shown)) throw new Error('Nothing was shown.');
    expect(await take(id, shown.preview_token)).toMatchObject({ kind: 'changed' });
    expect(await world.subscription(id)).toMatchObject({ plan: 'max' });
    await world.liveUntil('2026-11-02T00:00:00Z');
    expect((await world.charges(id)).map(({ amount }) => amount)).toEqual([150_000, 400_000, 300_000]);
  });

  test('of a day in the middle of a period is what is upcoming from then on, before that day and after it', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    const shown = await preview(id, { plan: 'max', when: '2026-10-12' });
    if (!('preview_token' in shown)) throw new Error('Nothing was shown.');
    await take(id, shown.preview_token);
    const amounts = async () => (await listUpcoming(ctx, id, 3))?.map(({ cycle, amount }) => [cycle, amount]);
    expect(await listUpcoming(ctx, id, 3)).toEqual(shown.after);
    expect(await amounts()).toEqual([
      [1, 150_000],
      [2, 396_774],
      [3, 300_000],
    ]);
    expect(await preview(id, { quantity: 2 })).toMatchObject({ before: shown.after });
    await world.liveUntil('2026-10-13T00:00:00Z');
    expect((await amounts())?.[0]).toEqual([2, 396_774]);
  });

  test('of a downgrade gives back credit, which the next charges use', async () => {
    const id = await world.onboard('order-1', 'team');
    await world.work();
    world.moveTo('2026-09-11T03:00:00Z');
    const shown = await preview(id, { plan: 'pro' });
    expect(shown).toMatchObject({ amount: 0, due: 'nothing', credit_after: 300_000 });
    if (!('preview_token' in shown)) throw new Error('Nothing was shown.');
    await take(id, shown.preview_token);
    expect(await world.told(id)).toContain('credit.granted');
    await world.liveUntil('2026-12-02T00:00:00Z');
    expect((await world.charges(id)).map(({ amount }) => amount)).toEqual([600_000, 0, 0, 150_000]);
  });

  test('is refused with what moved once something moved, on another day too', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    world.moveTo('2026-09-11T03:00:00Z');
    const shown = await preview(id, { plan: 'max' });
    if (!('preview_token' in shown)) throw new Error('Nothing was shown.');
    await changeTerms(ctx, id, { body: { quantity: 2 }, reason: null, actor: 'siti' });
    expect(await take(id, shown.preview_token)).toMatchObject({
      kind: 'refused',
      detail: expect.stringMatching(/quantity was 1 and is 2/),
    });
    world.moveTo('2026-09-12T03:00:00Z');
    expect(await take(id, shown.preview_token)).toMatchObject({ detail: expect.stringContaining('good until') });
  });

  test('is nothing when it goes up and down again in one instant', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    world.moveTo('2026-09-14T03:00:00Z');
    await changeTerms(ctx, id, { body: { plan: 'max' }, reason: null, actor: 'siti' });
    await changeTerms(ctx, id, { body: { plan: 'pro' }, reason: null, actor: 'siti' });
    await world.liveUntil('2026-11-02T00:00:00Z');
    expect((await world.charges(id)).map(({ amount }) => amount)).toEqual([150_000, 150_000, 150_000]);
  });

  test('is what happens, in random books', async () => {
    const asked = fc.record({
      afterDays: fc.integer({ min: 1, max: 40 }),
      body: fc.oneof(
        fc.record({ plan: fc.constantFrom('pro', 'max', 'team', 'weekly', 'yearly') }),
        fc.record({ quantity: fc.integer({ min: 1, max: 5 }) }),
        fc.record({ plan: fc.constantFrom('max', 'team'), when: fc.constant('period_end') }),
        fc.record({
          plan: fc.constantFrom('max', 'team'),
          when: fc.constantFrom('2026-10-17', '2026-11-12', '2026-12-05'),
        }),
        fc.record({ charge_at: fc.constantFrom('07:00', '18:30') }),
        fc.record({ time_zone: fc.constantFrom('Asia/Makassar', 'Australia/Sydney') }),
        fc.record({ plan: fc.constantFrom('pro', 'max', 'team'), anchor: fc.constant('reset' as const) }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 4 }), async (drawn) => {
        await world.startOver(START);
        const id = await world.onboard('order-1', 'pro');
        await world.work();
        for (const { afterDays, body } of drawn) {
          await world.liveUntil(
            world
              .now()
              .add({ hours: 24 * afterDays })
              .toString(),
          );
          const shown = await preview(id, body);
          if (!('preview_token' in shown)) continue;
          expect(await take(id, shown.preview_token)).toMatchObject({ kind: 'changed' });
          const upcoming = await listUpcoming(ctx, id, 3);
          expect(upcoming).toEqual(shown.after);
        }
        const coming = (await listUpcoming(ctx, id, 3)) ?? [];
        await world.liveUntil(coming.at(-1)?.due_at ?? START);
        expect((await sums(id)).slice(-coming.length)).toEqual(
          coming.map(({ cycle, due_at, amount }) => [cycle, due_at, amount]),
        );
        const cycles = (await world.charges(id)).map(({ cycle }) => cycle);
        expect(cycles).toEqual(cycles.map((_, index) => index));
      }),
      { numRuns: runs(40, 10), seed: Number(process.env.BOOKS_SEED ?? 9) },
    );
  }, 120_000);
});
