import { beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { record } from '../../src/flows/change/record.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { applyChanges, type Change } from '../../src/infra/tables/change/changes.ts';
import { openChargesOf } from '../../src/infra/tables/charges/charges.ts';
import { subscriptionDossier } from '../../src/infra/tables/subscriptions/subscriptions.ts';
import { testWorld } from '../support/world.ts';
import { brokenLink } from './oracle.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx } = world;
const other = world.another();
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

/** A change of this subscription, decided on what it is now. */
async function pausing(id: string, reason: string): Promise<Change> {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) throw new Error('There is no such subscription.');
  return {
    seen: dossier.subscription,
    subscription: { status: 'paused', reason },
    entries: [record(ctx.newId(bucketOf(id)), world.now(), 'subscription.paused', dossier, { why: reason })],
  };
}

/** A change that only the ledger tells of. */
async function noting(id: string): Promise<Change> {
  const { subscription: _unchanged, ...change } = await pausing(id, 'noted');
  return change;
}

const apply = (changes: readonly Change[], daemon = ctx) => applyChanges(daemon.db, ctx.buckets, changes);

describe('a change', () => {
  test('is applied once: the same one again is refused by its fence, quietly', async () => {
    const id = await world.onboard('order-1');
    const change = await pausing(id, 'first');
    expect([...(await apply([change])).keys()]).toEqual([id]);
    expect([...(await apply([change])).keys()]).toEqual([]);
    expect((await world.told(id)).filter((kind) => kind === 'subscription.paused')).toHaveLength(1);
  });

  test('decided on an old state is refused as a whole, and so only itself', async () => {
    const [stale, fresh] = [await world.onboard('a'), await world.onboard('b')];
    const changes = [await pausing(stale, 'late'), await pausing(fresh, 'in time')];
    await apply([await pausing(stale, 'first')]);
    expect([...(await apply(changes)).keys()]).toEqual([fresh]);
    expect(await world.subscription(stale)).toMatchObject({ reason: 'first' });
    expect(await world.subscription(fresh)).toMatchObject({ reason: 'in time' });
    for (const id of [stale, fresh]) expect(await brokenLink(world, id)).toBeNull();
  });

  test('that is refused leaves everything else that it would have written as it was', async () => {
    const id = await world.onboard('order-1');
    await openCharges(ctx, world.now());
    const [due] = await openChargesOf(ctx.db, id);
    if (due?.cycle == null) throw new Error('Nothing is due.');
    const next = { ...due, id: ctx.newId(due.bucket), cycle: due.cycle + 1 };
    const change = { ...(await pausing(id, 'late')), charges: [{ ...due, note: 'late' }], openedCharges: [next] };
    await apply([await pausing(id, 'first')]);
    expect((await apply([change])).size).toBe(0);
    expect(await openChargesOf(ctx.db, id)).toEqual([due]);
    const again = { ...change, seen: (await pausing(id, 'late')).seen };
    expect((await apply([again])).size).toBe(1);
    expect(await openChargesOf(ctx.db, id)).toMatchObject([{ note: 'late' }, { cycle: due.cycle + 1 }]);
  });

  test('that only the ledger tells of leaves the subscription as it is, alone and beside one that changes it', async () => {
    const [noted, paused] = [await world.onboard('a'), await world.onboard('b')];
    const before = await world.subscription(noted);
    expect((await apply([await noting(noted)])).size).toBe(1);
    expect((await apply([await noting(noted), await pausing(paused, 'gone')])).size).toBe(2);
    expect(await world.subscription(noted)).toEqual(before);
    expect(await world.subscription(paused)).toMatchObject({ status: 'paused', reason: 'gone' });
    expect((await world.told(noted)).filter((kind) => kind === 'subscription.paused')).toHaveLength(2);
    for (const id of [noted, paused]) expect(await brokenLink(world, id)).toBeNull();
  });

  test('of sixteen that were decided on the same state wins once', async () => {
    const id = await world.onboard('order-1');
    const changes = await Promise.all(Array.from({ length: 16 }, (_, n) => pausing(id, `number ${n}`)));
    const won = await Promise.all(changes.map((change, n) => apply([change], n % 2 === 0 ? ctx : other)));
    expect(won.filter((ids) => ids.has(id))).toHaveLength(1);
    expect(await brokenLink(world, id)).toBeNull();
  });

  test('of many subscriptions at once, in any order, does not deadlock with another of the same', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => world.onboard(`order-${n}`)));
    const one = await Promise.all(ids.map((id) => pausing(id, 'one')));
    const reversed = await Promise.all(ids.toReversed().map((id) => pausing(id, 'other')));
    const won = await Promise.all([apply(one), apply(reversed, other)]);
    expect(won.reduce((sum, applied) => sum + applied.size, 0)).toBe(30);
    for (const id of ids) expect(await brokenLink(world, id)).toBeNull();
  });
});
