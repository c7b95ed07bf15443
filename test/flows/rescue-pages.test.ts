import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { rescueAttempts } from '../../src/flows/rescue/rescue-attempts.ts';
import { reserve } from '../../src/infra/tables/control/pace.ts';
import { succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

const wallet = { channelCode: 'OVO', network: null };
const unanswered = { kind: 'unanswered', detail: 'cut' } as const;
const oneMinuteLater = '2026-01-31T02:01:00Z';

/**
 * So many attempts of wallets without an answer, in the order in which they are asked about. Every third charge is paid: a
 * channel that only kept silent would be stopped.
 */
async function silent(count: number): Promise<readonly string[]> {
  let turn = 0;
  gateway.otherwise(() => {
    turn += 1;
    return turn % 3 === 0 ? succeeded() : unknown();
  });
  const all = count + Math.floor(count / 2);
  for (let number = 0; number < all; number += 1) await world.onboard(`order-${number}`, 'monthly', {}, wallet);
  await world.work();
  const rows = await world.ask<{ reference_id: string }>(
    sql`select reference_id from attempts where outcome = 'unknown' order by next_check_at, reference_id`,
  );
  return rows.map((row) => row.reference_id);
}

const outcomes = async () =>
  Object.fromEntries(
    (await world.ask<{ reference_id: string; outcome: string }>(sql`select reference_id, outcome from attempts`)).map(
      (row) => [row.reference_id, row.outcome],
    ),
  );

describe('asking about attempts without an answer', () => {
  test('a full page that Xendit does not answer about holds up none of the others', async () => {
    const references = await silent(70);
    const [last] = references.slice(-1);
    for (const reference of references) gateway.finds(reference, unanswered);
    gateway.finds(last ?? '', { kind: 'found', outcome: succeeded() });
    world.moveTo(oneMinuteLater);
    await rescueAttempts(ctx);
    expect(new Set(gateway.asked)).toEqual(new Set(references));
    expect(gateway.asked).toHaveLength(70);
    expect((await outcomes())[last ?? '']).toBe('succeeded');
  });

  test('one whose rows are gone is told of, comes back, and holds up none of the others', async () => {
    const [broken = '', whole = ''] = await silent(2);
    await world.above(`delete from tokens where id = (select token_id from attempts where reference_id = '${broken}')`);
    gateway.finds(whole, { kind: 'found', outcome: succeeded() });
    world.moveTo(oneMinuteLater);
    await rescueAttempts(ctx);
    expect(await outcomes()).toMatchObject({ [whole]: 'succeeded', [broken]: 'unknown' });
    const told = world.logged.filter((line) => line.level === 'error');
    expect(told).toMatchObject([{ event: expect.stringContaining('attempt cannot be worked with') }]);
    world.moveTo('2026-01-31T02:04:00Z');
    await rescueAttempts(ctx);
    expect(world.logged.filter((line) => line.level === 'error')).toHaveLength(2);
  });

  test('a wallet whose attempt Xendit has in flight is waited for as long as its provider keeps it open, and a day', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, { channelCode: 'DANA', network: null });
    gateway.script({ kind: 'pending', paymentRequestId: 'pr-1', paymentId: null });
    await world.liveUntil('2026-02-02T01:59:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'pending' }] });
    await world.liveUntil('2026-02-02T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
  });
});

describe('the pace of look-ups', () => {
  /** A daemon that goes home when it would have to wait. */
  const paced = (requestsPerMinute: number) => {
    const stop = new AbortController();
    return world.another({ requestsPerMinute, sleep: async () => stop.abort(), stopping: stop.signal });
  };

  test('is kept: what has no place is not asked, and nothing is guessed about it', async () => {
    await silent(6);
    world.moveTo(oneMinuteLater);
    await rescueAttempts(paced(4));
    expect(gateway.asked).toHaveLength(4);
    const asks = await world.ask<{ asks: number }>(
      sql`select asks from attempts where outcome = 'unknown' order by asks`,
    );
    expect(asks.map((row) => row.asks)).toEqual([0, 0, 1, 1, 1, 1]);
  });

  test('slows down for everybody when Xendit says so', async () => {
    const [reference = ''] = await silent(1);
    gateway.finds(reference, { ...unanswered, retryAfterSeconds: 30 });
    world.moveTo(oneMinuteLater);
    await rescueAttempts(ctx);
    const permits = await reserve(world.another().db, '', 'look_ups', null, 1);
    expect(permits.granted).toBe(0);
    expect(permits.waitMs).toBeGreaterThan(25_000);
  });
});
