import { type SQLWrapper, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { diffCatalog } from '../../src/flows/edits/diff-catalog.ts';
import { draftRepricing } from '../../src/flows/edits/repricing/draft-repricing.ts';
import { resumeRepricing, stopRepricing } from '../../src/flows/edits/repricing/repricing-status.ts';
import { workRepricings } from '../../src/flows/edits/repricing/work-repricings.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import type { Failpoint } from '../../src/infra/failpoints.ts';
import { applied } from '../support/applied-catalog.ts';
import { subscribeMany } from '../support/many.ts';
import { repricingsOf, selling } from '../support/repricings.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
const world = await testWorld({ at: START, catalog: selling(150_000) });
const { ctx } = world;
const { status, draft, reprice, became, subscribed, upcoming, charged } = repricingsOf(world);
let dearer: number;
let first: number;
const names = ['a', 'b', 'c', 'd', 'e'];
const ids: Record<string, string> = {};

beforeEach(async () => {
  await world.startOver(START);
  first = await applied(world, selling(150_000));
  for (const [index, name] of names.entries())
    ids[name] = await subscribed(name, { metadata: { cohort: index < 2 ? 'early' : 'late' } });
  dearer = await applied(world, selling(175_000));
});

const DEAD = new Error('The process is gone.');
/** A process that dies at this point, the n-th time that it passes it. */
const dying = (at: Failpoint, pass = 1): Context => {
  let passed = 0;
  return {
    ...ctx,
    failpoint: (point) => {
      if (point === at && ++passed === pass) throw DEAD;
    },
  };
};
const moved = async () => {
  const rows = await world.ask<{ reference: string }>(
    sql`select reference_id as reference from subscriptions where repricing is not null order by reference_id`,
  );
  return rows.map(({ reference }) => reference).join('');
};
const entries = async () => {
  const rows = await world.ask<{
    reference: string;
    count: number;
  }>(sql`select s.reference_id as reference, count(*)::int as count
    from ledger l join subscriptions s on s.id = l.subscription_id where l.kind = 'subscription.change_planned'
    group by 1 order by 1`);
  return Object.fromEntries(rows.map(({ reference, count }) => [reference, count]));
};
const once = Object.fromEntries(names.map((name) => [name, 1]));
const broken = async () => (await checkInvariants(ctx)).filter((one) => one.broken > 0);

describe('a repricing in stages', () => {
  test('comes to the figures of its dry run, which writes nothing', async () => {
    await world.above(`update subscriptions set amount = 99000 where id = '${ids.b}'`);
    const dry = await draft(dearer, { isDryRun: true });
    expect(dry).toMatchObject({
      number: null,
      figures: {
        subscriptions: 5,
        by_state: { waiting: 0, done: 4, skipped: 1, refused: 0, failed: 0 },
        why: [{ state: 'skipped', why: 'its price is its own', count: 1 }],
        monthly: [{ currency: 'IDR', before: 600_000, after: 700_000 }],
      },
    });
    expect(await world.ask(sql`select from repricings`)).toEqual([]);
    const real = await reprice(dearer);
    if (dry.kind !== 'drafted' || real.kind !== 'drafted') throw new Error(real.kind);
    expect(real.figures).toEqual(dry.figures);
    expect(await status()).toMatchObject({ state: 'done', by_state: dry.figures.by_state, why: dry.figures.why });
  });

  test('moves as many as its limit says, from the oldest on, and the next stage the next ones', async () => {
    await world.above(`update subscriptions set amount = 99000 where id = '${ids.a}'`);
    await reprice(dearer, { most: 2 });
    expect(await moved()).toBe('bc');
    expect(await became()).toMatchObject({ a: 'skipped: its price is its own', b: expect.stringMatching(/^done/) });
    await reprice(dearer, { most: 1 });
    expect(await moved()).toBe('bcd');
    await reprice(dearer);
    expect(await moved()).toBe('bcde');
    expect(await draft(dearer)).toMatchObject({ kind: 'drafted', number: null, figures: { by_state: { done: 0 } } });
    expect(await world.ask(sql`select number from repricings order by number`)).toEqual(
      [1, 2, 3].map((number) => ({ number })),
    );
  });

  test.each<[readonly string[], string]>([
    [['metadata.cohort=early'], 'ab'],
    [['metadata.cohort=late', 'country=ID'], 'cde'],
    [['metadata.none=1'], ''],
    [['country=PH'], ''],
    [['channel=CARDS', 'currency=IDR', 'status=active', 'quantity=1'], 'abcde'],
    [['channel=OVO'], ''],
    [['quantity=2'], ''],
    [['status=past_due'], ''],
  ])('narrowed to %s moves %s', async (filter, expected) => {
    await reprice(dearer, { filter });
    expect(await moved()).toBe(expected);
  });

  test('narrowed to a version moves those who have it', async () => {
    await changeTerms(ctx, ids.c ?? '', { body: { plan: 'pro', when: 'now' }, reason: null, actor: 'siti' });
    await reprice(first, { filter: [`version=${dearer}`] });
    expect(await moved()).toBe('c');
  });

  test.each<[object, string]>([
    [{ filter: ['cohort=early'] }, '--filter: there is no filter "cohort"'],
    [{ filter: ['contry=ID'] }, '(did you mean "country"?)'],
    [{ filter: ['country'] }, '"country" must be key=value'],
    [{ filter: ['country='] }, '"country=" must be key=value'],
    [{ filter: ['country=id'] }, 'country=id: must be two capital letters'],
    [{ filter: ['status=alive'] }, 'status=alive: must be one of pending'],
    [{ filter: ['version=x'] }, 'version=x: must be a whole number'],
    [{ filter: ['metadata.=x'] }, '"metadata." names no key'],
    [{ plan: 'proo' }, 'has no plan "proo" (did you mean "pro"?)'],
    [{ toVersion: 99_999 }, '--to: there is no catalog version 99999'],
  ])('%j is refused by name, and nothing is written', async (more, fault) => {
    const drafted = await draft(dearer, more);
    expect(drafted).toMatchObject({ kind: 'invalid', faults: [expect.stringContaining(fault)] });
    expect(await world.ask(sql`select from repricings`)).toEqual([]);
  });

  test('every fault is told at once', async () => {
    const drafted = await draft(dearer, { plan: 'por', filter: ['cohort=a', 'country=id'] });
    expect(drafted).toMatchObject({ kind: 'invalid', faults: { length: 3 } });
  });

  test('to another price than that of a version in force that moves everybody is refused', async () => {
    await applied(world, selling(190_000, 'price_change: next_cycle'));
    expect(await draft(dearer)).toMatchObject({
      kind: 'refused',
      detail: expect.stringMatching(/moves everybody who has pro to its own price/),
    });
    expect(await world.ask(sql`select from repricings`)).toEqual([]);
  });

  test('such a version that comes in force while it runs has the rest of it refused by name', async () => {
    await draft(dearer);
    await applied(world, selling(190_000, 'price_change: next_cycle'));
    await workRepricings(ctx);
    expect(await became()).toMatchObject({
      a: expect.stringMatching(/^refused: the catalog in force says price_change/),
    });
    expect(await upcoming(ids.a ?? '')).toEqual(['1 190000', '2 190000', '3 190000']);
  });

  test('one of a plan runs at a time', async () => {
    await draft(dearer);
    expect(await draft(dearer)).toMatchObject({
      kind: 'refused',
      detail: expect.stringMatching(/A repricing of pro runs/),
    });
    expect(await draft(dearer, { plan: 'tried', filter: ['status=pending'] })).toMatchObject({ kind: 'drafted' });
    const both = await Promise.all([workRepricings(ctx), draft(dearer)]);
    expect(both).toHaveLength(2);
    expect(await entries()).toEqual(once);
  });
});

test('whose number another plan has taken at the same instant is written down with the next one', async () => {
  let isTaken = false;
  const run = async <T>(query: SQLWrapper) => {
    if (isTaken || !/insert into repricings/.test(statementOf(query).text)) return await ctx.db.run<T>(query);
    isTaken = true;
    await world.ask(sql`insert into repricings (number, plan, to_version, filter, state, actor, drafted_at)
      values (1, 'max', 1, '[]', 'running', 'siti', now())`);
    return [];
  };
  const input = {
    plan: 'pro',
    toVersion: dearer,
    filter: [],
    most: null,
    isDryRun: false,
    actor: 'siti',
    reason: null,
  };
  const drafted = await draftRepricing({ ...ctx, db: { ...ctx.db, run } }, input);
  expect(drafted).toMatchObject({ kind: 'drafted', number: 2 });
});

describe('a repricing that is stopped', () => {
  test('moves nobody any more, keeps whoever was moved, and goes on with the rest when it is resumed', async () => {
    await draft(dearer);
    expect(await stopRepricing(ctx, null)).toEqual({ kind: 'moved', number: 1 });
    await workRepricings(ctx);
    expect(await moved()).toBe('');
    expect(await upcoming(ids.a ?? '')).toEqual(['1 150000', '2 150000', '3 150000']);
    expect(await status()).toMatchObject({ state: 'stopped', by_state: { waiting: 5 } });
    expect(await stopRepricing(ctx, 1)).toEqual({ kind: 'as_asked', number: 1 });
    expect(await resumeRepricing(ctx, null)).toEqual({ kind: 'moved', number: 1 });
    expect(await resumeRepricing(ctx, 1)).toEqual({ kind: 'as_asked', number: 1 });
    await workRepricings(ctx);
    expect(await moved()).toBe('abcde');
    expect(await entries()).toEqual(once);
    for (const again of [stopRepricing, resumeRepricing])
      expect(await again(ctx, 1)).toMatchObject({
        kind: 'refused',
        detail: 'Repricing 1 is done: nobody of it waits.',
      });
    expect(await stopRepricing(ctx, 7)).toMatchObject({ kind: 'refused', detail: 'There is no repricing 7.' });
  });

  test('amid its work finishes the batch that is being written, and moves nobody else', async () => {
    await subscribeMany(ctx, 300, 'pro');
    await world.ask(sql`update subscriptions set next_cycle = 1, next_cycle_at = next_cycle_at + interval '1 month'
      where reference_id like 's%'`);
    await draft(dearer);
    const now = async () => {
      await stopRepricing(ctx, 1);
      return world.now();
    };
    await workRepricings({ ...ctx, clock: { ...ctx.clock, now } });
    expect((await status()).by_state).toMatchObject({ done: 256, waiting: 49 });
    await resumeRepricing(ctx, 1);
    await workRepricings(ctx);
    expect((await status()).by_state).toMatchObject({ done: 305, waiting: 0 });
    expect(await world.ask(sql`select from subscriptions where repricing is not null`)).toHaveLength(305);
  });

  test('and another one of its plan that came after it take its place: it cannot be resumed', async () => {
    await draft(dearer);
    await stopRepricing(ctx, 1);
    await reprice(dearer, { filter: ['metadata.cohort=early'] });
    expect(await moved()).toBe('ab');
    expect(await resumeRepricing(ctx, 1)).toMatchObject({
      kind: 'refused',
      detail: 'Another repricing of pro came after repricing 1, and takes its place.',
    });
    await workRepricings(ctx);
    expect(await moved()).toBe('ab');
  });
});

describe('a second repricing over the subscriptions of the first', () => {
  test('moves those who were moved, before or after they were charged so, and each is charged the last price that was shown', async () => {
    await reprice(dearer, { filter: ['metadata.cohort=early'] });
    await world.liveUntil('2026-10-15T02:00:00Z');
    await reprice(dearer, { filter: ['metadata.cohort=late'] });
    const dearest = await applied(world, selling(190_000));
    await reprice(dearest);
    expect(await status()).toMatchObject({ by_state: { done: 5 } });
    for (const name of ['a', 'e'])
      expect(await upcoming(ids[name] ?? '')).toEqual(['2 190000', '3 190000', '4 190000']);
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(ids.a ?? '')).toEqual(['0 150000', '1 175000', '2 190000']);
    expect(await charged(ids.e ?? '')).toEqual(['0 150000', '1 150000', '2 190000']);
    expect(await broken()).toEqual([]);
  });

  test('to the same price has nothing to do, and takes nobody twice', async () => {
    await reprice(dearer);
    expect(await reprice(dearer)).toMatchObject({ number: null, figures: { subscriptions: 0 } });
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await reprice(dearer)).toMatchObject({ number: null, figures: { subscriptions: 0 } });
    expect(await entries()).toEqual(once);
  });
});

describe('a process that dies', () => {
  test.each<Failpoint>(['before-repricing', 'between-repricing', 'after-repricing'])(
    'at %s leaves each done or not done, and another process moves each once',
    async (point) => {
      await world.above(`update subscriptions set amount = 99000 where id = '${ids.c}'`);
      await draft(dearer);
      await expect(workRepricings(dying(point))).rejects.toThrow(DEAD);
      const { data } = await status();
      const done = data.filter(({ state }) => state === 'done').map(({ reference_id }) => reference_id);
      expect(await moved()).toBe(done.join(''));
      expect(Object.keys(await entries())).toEqual(done);
      await workRepricings(world.another());
      expect(await moved()).toBe('abde');
      expect(await entries()).toEqual({ a: 1, b: 1, d: 1, e: 1 });
      expect(await status()).toMatchObject({ state: 'done', by_state: { done: 4, skipped: 1 } });
      expect(await broken()).toEqual([]);
    },
  );

  test.each<[Failpoint, number]>([
    ['before-drafting', 0],
    ['after-drafting', 5],
  ])('at %s has drafted all of it or nothing', async (point, drafted) => {
    const input = {
      plan: 'pro',
      toVersion: dearer,
      filter: [],
      most: null,
      isDryRun: false,
      actor: 'siti',
      reason: null,
    };
    await expect(draftRepricing(dying(point), input)).rejects.toThrow(DEAD);
    expect(await world.ask(sql`select from repricing_items`)).toHaveLength(drafted);
    await reprice(dearer);
    expect(await entries()).toEqual(once);
  });
});

describe('two daemons', () => {
  test('at the same repricing move each subscription once', async () => {
    await draft(dearer);
    await Promise.all([workRepricings(ctx), workRepricings(world.another()), workRepricings(world.another())]);
    expect(await moved()).toBe('abcde');
    expect(await entries()).toEqual(once);
    expect(await status()).toMatchObject({ state: 'done', by_state: { done: 5 } });
  });

  test('one that opens charges while the other reprices charge each cycle once, at the price that was shown', async () => {
    await draft(dearer);
    world.moveTo('2026-10-01T02:00:00Z');
    await Promise.all([workRepricings(ctx), world.workAs(world.another())]);
    await world.work();
    for (const name of names) expect(await charged(ids[name] ?? '')).toEqual(['0 150000', '1 150000']);
    await world.liveUntil('2026-11-02T02:00:00Z');
    for (const name of names) expect((await charged(ids[name] ?? ''))[2]).toBe('2 175000');
    expect(await broken()).toEqual([]);
  });
});

test('polar#13721: whoever is moved amid a period is charged once for each cycle, never by the old price and the new one', async () => {
  world.moveTo('2026-09-20T02:00:00Z');
  await reprice(dearer);
  await world.liveUntil('2026-12-15T02:00:00Z');
  for (const name of names)
    expect(await charged(ids[name] ?? '')).toEqual(['0 150000', '1 175000', '2 175000', '3 175000']);
  const paid = await world.ask(sql`select subscription_id, sum(money)::int as money from ledger group by 1`);
  expect(paid.map(({ money }) => money)).toEqual(names.map(() => 675_000));
  expect(world.gateway.payments).toHaveLength(20);
});

test('an older dueday beside, which knows no repricing, charges the old price once and never a higher one; the next cycle comes to the new one', async () => {
  await reprice(dearer);
  const daemon = world.another();
  const unknowing = {
    ...daemon.db,
    read: async (...asked: Parameters<typeof ctx.db.read>) => unmarked(await daemon.db.read(...asked)),
  };
  world.moveTo('2026-10-01T02:00:00Z');
  await openCharges({ ...daemon, db: unknowing as typeof ctx.db }, world.now());
  expect(await charged(ids.a ?? '')).toEqual(['0 150000', '1 150000']);
  expect(await upcoming(ids.a ?? '')).toEqual(['2 175000', '3 175000', '4 175000']);
  await world.liveUntil('2026-11-15T02:00:00Z');
  expect(await charged(ids.a ?? '')).toEqual(['0 150000', '1 150000', '2 175000']);
  expect(await broken()).toEqual([]);
});

/** Rows as a dueday reads them that was there before repricings. */
function unmarked(rows: readonly unknown[]): readonly unknown[] {
  return (rows as readonly { readonly subscription?: object }[]).map((row) =>
    row.subscription === undefined ? row : { ...row, subscription: { ...row.subscription, repricing: null } },
  );
}

test('an edit of the catalog is judged on the prices that repriced subscriptions come to', async () => {
  await reprice(dearer, { filter: ['metadata.cohort=early'] });
  const diffed = await diffCatalog(ctx, { name: 'edit', text: selling(190_000, 'price_change: next_cycle') });
  if (diffed.kind !== 'shown') throw new Error(diffed.faults.join());
  const pro = diffed.diff.plans.find(({ plan }) => plan === 'pro');
  expect(pro).toMatchObject({ subscriptions: 5, monthly_before: 800_000, monthly_after: 950_000 });
});
