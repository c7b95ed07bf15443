import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { retryCharge } from '../../src/flows/charges/change-charge.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { endSweep, keepSweep, takeSweep } from '../../src/infra/tables/books/sweeps.ts';
import { type ChargeDossier, chargeDossier, postponeCharge } from '../../src/infra/tables/charges/charges.ts';
import { markAsked } from '../../src/infra/tables/charges/lost-attempts.ts';
import { declined } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const other = world.another();
beforeEach(() => world.startOver(start));

/** A charge that was declined once and is due again tomorrow, as whoever looks at it now sees it. */
async function inDunning(): Promise<{ readonly id: string; readonly seen: ChargeDossier }> {
  const id = await world.onboard('order-1');
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.work();
  return { id, seen: await looked(id) };
}

async function looked(id: string): Promise<ChargeDossier> {
  const { id: chargeId } = await world.charge(id);
  const dossier = await chargeDossier(ctx.db, bucketOf(id), chargeId);
  if (dossier === null) throw new Error(`There is no charge ${chargeId}.`);
  return dossier;
}

const later = { nextAttemptAt: world.now().add({ hours: 24 * 20 }), waitsUntil: null, note: 'put off' };

describe('whoever looked at a charge before somebody else changed it', () => {
  test('does not put it off, when a person had it tried at once meanwhile', async () => {
    const { id, seen } = await inDunning();
    world.moveTo('2026-01-31T05:00:00Z');
    await retryCharge(other, seen.charge.id, siti);
    expect(await postponeCharge(ctx.db, seen.charge, later)).toBe(false);
    expect(await world.charge(id)).toMatchObject({ next_attempt_at: '2026-01-31T05:00:00Z' });
  });

  test('does not put it off, when it was put off to another time meanwhile', async () => {
    const { id, seen } = await inDunning();
    const sooner = world.now().add({ hours: 12 });
    expect(await postponeCharge(other.db, seen.charge, { ...later, nextAttemptAt: sooner, note: 'sooner' })).toBe(true);
    expect(await postponeCharge(ctx.db, seen.charge, later)).toBe(false);
    expect(await world.charge(id)).toMatchObject({ next_attempt_at: sooner.toString(), note: 'sooner' });
  });

  test('does not put it off, when it waits for its customer meanwhile, nor the other way round', async () => {
    const { seen } = await inDunning();
    const waits = { nextAttemptAt: null, waitsUntil: world.now().add({ hours: 48 }), note: 'waits' };
    expect(await postponeCharge(other.db, seen.charge, waits)).toBe(true);
    expect(await postponeCharge(ctx.db, seen.charge, later)).toBe(false);
    const waiting = { ...seen.charge, nextAttemptAt: null };
    await retryCharge(other, seen.charge.id, siti);
    expect(await postponeCharge(ctx.db, waiting, later)).toBe(false);
  });

  test('does not put off what is being attempted meanwhile', async () => {
    const { id, seen } = await inDunning();
    gateway.script(gateway.inSilence(declined('INSUFFICIENT_BALANCE')));
    world.moveTo('2026-02-01T02:00:00Z');
    await onDueDate(other);
    expect(await postponeCharge(ctx.db, seen.charge, later)).toBe(false);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', next_attempt_at: null });
  });

  test('does not call its next attempt asked about, when another attempt was made meanwhile', async () => {
    const { id, seen } = await inDunning();
    world.moveTo('2026-02-01T02:00:00Z');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await onDueDate(other);
    expect(await markAsked(ctx.db, seen.charge, world.now())).toBe(false);
    expect(await looked(id)).toMatchObject({ charge: { status: 'due', attempts: 2, askedAt: null } });
    expect(await markAsked(ctx.db, (await looked(id)).charge, world.now())).toBe(true);
  });

  test('does not call it asked about once it is being attempted', async () => {
    const { id } = await inDunning();
    gateway.script(gateway.inSilence(declined('INSUFFICIENT_BALANCE')));
    world.moveTo('2026-02-01T02:00:00Z');
    await onDueDate(other);
    expect(await markAsked(ctx.db, (await looked(id)).charge, world.now())).toBe(false);
  });
});

describe('a sweep that was taken over', () => {
  const holders = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'] as const;
  const ended = { sweptUntil: world.now(), nextAt: world.now().add({ hours: 24 }), fault: null };

  test('is not ended by whoever held it before, who knows nothing of what its heir has compared', async () => {
    const [first, heir] = holders;
    expect(await takeSweep(ctx.db, '', world.now(), first, 900)).not.toBeNull();
    await world.ask(sql`update sweep set lease_until = now() - interval '1 second'`);
    expect(await takeSweep(other.db, '', world.now(), heir, 900)).not.toBeNull();
    await endSweep(ctx.db, '', first, ended);
    const stands = sql`select holder::text, swept_until, next_at from sweep where id = 1`;
    expect(await world.ask(stands)).toEqual([{ holder: heir, swept_until: null, next_at: null }]);
    await endSweep(other.db, '', heir, ended);
    expect(await world.ask(stands)).toMatchObject([{ holder: null }]);
  });

  test('is not kept by whoever held it before, and goes on by the lease of its heir', async () => {
    const [first, heir] = holders;
    expect(await takeSweep(ctx.db, '', world.now(), first, 900)).not.toBeNull();
    expect(await keepSweep(ctx.db, '', first, 900)).toBe(true);
    await world.ask(sql`update sweep set lease_until = now() - interval '1 second'`);
    expect(await takeSweep(other.db, '', world.now(), heir, 900)).not.toBeNull();
    const lease = sql`select holder::text, lease_until from sweep where id = 1`;
    const before = await world.ask(lease);
    expect(await keepSweep(ctx.db, '', first, 9_000)).toBe(false);
    expect(await world.ask(lease)).toEqual(before);
    expect(await keepSweep(other.db, '', heir, 900)).toBe(true);
  });
});
