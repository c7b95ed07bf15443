import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { reconcile } from '../../src/flows/books/reconcile.ts';
import { sweepBooks } from '../../src/flows/books/sweep-books.ts';
import { comparing, named } from '../support/comparing.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway, db } = world;
const { books, sentAs, sweep, errors } = comparing(world);
beforeEach(() => world.startOver(start));

describe('the sweep', () => {
  const state = async () =>
    (
      await world.ask<{ until: string; fault: string | null }>(sql`select swept_until::text as until, fault from sweep`)
    )[0];
  const windows = () =>
    gateway.reads.map((read) => ('from' in read ? [read.from.toString(), read.until.toString()] : [read.referenceId]));

  const whole = ['2026-01-24T01:00:00Z', '2026-01-31T01:00:00Z'];

  test('reads the last seven days, but the last hour, at once when they fit a page; the next day again', async () => {
    await sweepBooks(ctx);
    expect(windows()).toEqual([whole]);
    await sweep('2026-02-01T01:59:59Z');
    expect(windows()).toHaveLength(1);
    await sweep('2026-02-01T02:00:00Z');
    expect(windows()).toHaveLength(2);
    expect(windows().at(-1)).toEqual(['2026-01-24T01:00:00Z', '2026-02-01T01:00:00Z']);
  });

  test('reads more than a page day by day', async () => {
    for (let day = 24; day < 31; day += 1) {
      const createdAt = Temporal.Instant.from(`2026-01-${day}T12:00:00Z`);
      books(named(`order-${day}`), { createdAt });
    }
    await sweepBooks(ctx);
    expect(windows().at(0)).toEqual(whole);
    expect(windows().at(1)).toEqual(['2026-01-24T01:00:00Z', '2026-01-25T01:00:00Z']);
    expect(windows().at(-1)).toEqual(['2026-01-30T01:00:00Z', '2026-01-31T01:00:00Z']);
    expect(windows()).toHaveLength(8);
  });

  test('after a month of nobody at home reads all of it: a missed wake-up loses nothing', async () => {
    await sweepBooks(ctx);
    gateway.reads.length = 0;
    await sweep('2026-03-02T02:00:00Z');
    expect(windows().at(0)).toEqual(['2026-01-24T01:00:00Z', '2026-03-02T01:00:00Z']);
  });

  test('is done by one of several replicas', async () => {
    const others = [world.another(), world.another(), ctx];
    await Promise.all(others.map((daemon) => sweepBooks(daemon)));
    expect(windows()).toHaveLength(1);
  });

  test('of a replica that died is done by another when its lease is over', async () => {
    await world.ask(sql`update sweep set holder = gen_random_uuid(), lease_until = now() + interval '1 minute'`);
    await sweepBooks(ctx);
    expect(windows()).toEqual([]);
    await world.ask(sql`update sweep set lease_until = now() - interval '1 second'`);
    await sweepBooks(ctx);
    expect(windows()).toHaveLength(1);
  });

  test('that was taken from it stops, and does not say that it came to the end', async () => {
    const robbed = {
      ...ctx,
      gateway: {
        ...gateway,
        books: async (...asked: Parameters<typeof gateway.books>) => {
          await world.ask(sql`update sweep set holder = gen_random_uuid()`);
          return await gateway.books(...asked);
        },
      },
    };
    await sweepBooks(robbed);
    expect(windows()).toHaveLength(1);
    expect(await state()).toMatchObject({ until: null });
  });

  test('without the permission says in words how to get it, and charging goes on', async () => {
    const refused = {
      kind: 'refused',
      status: 403,
      code: 'REQUEST_FORBIDDEN_ERROR',
      message: '',
      retryAfterSeconds: null,
    } as const;
    gateway.booksSay(refused);
    await sweepBooks(ctx);
    expect(errors()).toMatchObject([
      { event: 'books not compared', facts: { why: expect.stringMatching(/Transaction: Read.*Dashboard/) } },
    ]);
    expect((await state())?.fault).toContain('Transaction: Read');
    const id = await world.onboard('order-1');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    await sweep('2026-02-01T02:00:00Z');
    expect(await state()).toMatchObject({ fault: null, until: expect.stringContaining('2026-02-01') });
  });

  test('that Xendit throttles or does not answer goes on with the same page, and gives up after five', async () => {
    const slow = {
      kind: 'refused',
      status: 429,
      code: 'RATE_LIMIT_EXCEEDED',
      message: '',
      retryAfterSeconds: 0,
    } as const;
    const silent = { kind: 'silent', detail: 'cut' } as const;
    gateway.booksSay(slow, silent, slow, silent);
    await sweepBooks(ctx);
    expect(windows()).toHaveLength(5);
    await world.ask(sql`update sweep set next_at = null, swept_until = null`);
    gateway.reads.length = 0;
    gateway.booksSay(silent, silent, silent, silent, silent);
    await sweepBooks(ctx);
    expect(windows()).toHaveLength(5);
    expect(await state()).toMatchObject({ until: null, fault: expect.stringContaining('cut') });
    await sweep('2026-01-31T03:00:00Z');
    expect(await state()).toMatchObject({ fault: null });
  });

  test('that Xendit does not answer is waited for, but not with a test clock, which would stand still', async () => {
    const silent = { kind: 'silent', detail: 'cut' } as const;
    for (const [kind, waits] of [
      ['system', [2_000, 4_000, 6_000, 8_000]],
      ['virtual', []],
    ] as const) {
      const waited: number[] = [];
      await world.ask(sql`update sweep set next_at = null, swept_until = null`);
      gateway.booksSay(silent, silent, silent, silent, silent);
      await sweepBooks({ ...ctx, clock: { ...ctx.clock, kind }, sleep: async (ms) => void waited.push(ms) });
      expect(waited).toEqual(waits);
    }
  });

  test('whose pages go round in a circle ends', async () => {
    const page = (next: string) => ({ kind: 'ok', value: { payments: [], unreadable: 0, next } }) as const;
    gateway.booksSay(page('x'), page('a'), page('b'), page('a'));
    await sweepBooks(ctx);
    expect(windows()).toHaveLength(4);
    expect((await state())?.fault).toContain('circle');
  });

  test('by hand says how many payments of ours lie in what it left out', async () => {
    await world.onboard('order-1');
    await world.work();
    world.moveTo(Temporal.Instant.from(start).add({ hours: 3 }).toString());
    const since = Temporal.Instant.from(start).add({ milliseconds: 1 });
    const asked = { from: Temporal.Instant.from(start), until: null };
    const done = await reconcile({ ...ctx, xenditBooks: { since } }, '', asked, () => undefined);
    expect(done?.not_compared).toEqual([{ from: start, until: since.toString(), payments: 1, why: 'forgotten' }]);
  });

  test('leaves out what was before the books began', async () => {
    await sweepBooks({ ...ctx, xenditBooks: { since: Temporal.Instant.from('2026-01-30T12:00:00Z') } });
    expect(windows().at(0)).toEqual(['2026-01-30T12:00:00Z', '2026-01-31T01:00:00Z']);
  });

  test('asks for hundreds of payments with a handful of statements', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    books(sentAs(1));
    for (let other = 0; other < 400; other += 1) books(named(`due_${id}_${other + 1}_1`), { status: 'failed' });
    world.moveTo('2026-01-31T04:00:00Z');
    let statements = 0;
    const run = db.run.bind(db);
    const counted = (query: Parameters<typeof run>[0]) => {
      statements += 1;
      return run(query);
    };
    const counting = { ...db, run: counted } as typeof db;
    const done = await reconcile(
      { ...ctx, db: counting },
      '',
      { from: Temporal.Instant.from(start), until: null },
      () => undefined,
    );
    expect(done?.tally).toMatchObject({ read: 401, matched: 1, uncollected: 400 });
    // One a page is the reservation of its look-up.
    expect(statements - Math.ceil(401 / 3)).toBeLessThan(10);
  });
});
