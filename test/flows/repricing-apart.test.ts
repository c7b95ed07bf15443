import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { resumeRepricing, stopRepricing } from '../../src/flows/edits/repricing/repricing-status.ts';
import { workRepricings } from '../../src/flows/edits/repricing/work-repricings.ts';
import { priceMatters } from '../../src/flows/queue/price-matters.ts';
import { endRepricing, repricingOf, setApart } from '../../src/infra/tables/catalog/repricings.ts';
import { applied } from '../support/applied-catalog.ts';
import { testDatabase } from '../support/database.ts';
import { foreignSession } from '../support/foreign-session.ts';
import { repricingsOf, selling } from '../support/repricings.ts';
import { testWorld } from '../support/world.ts';

/* A repricing has an end whatever a subscription of it is like: what cannot be worked on is set apart, told of, and tried again on demand. */

const START = '2026-09-01T02:00:00Z';
const made = await testDatabase();
const world = await testWorld({ at: START, catalog: selling(150_000), ...made });
const { ctx } = world;
const { status, draft, became, subscribed, upcoming } = repricingsOf(world);
beforeEach(async () => {
  await world.startOver(START);
  await applied(world, selling(150_000));
});

const UNOPENED = 'failed: a cycle of it has fallen due and cannot be opened: the log of the daemon names the fault';
const events = () => world.logged.map(({ event }) => event).filter((event) => event.startsWith('repricing'));

/** Two who are to be moved, one of whom has a cycle that fell due and that nobody can open. */
async function oneUnopened(): Promise<{ readonly bad: string; readonly good: string }> {
  const [bad, good] = [await subscribed('bad'), await subscribed('good')];
  await draft(await applied(world, selling(175_000)));
  await world.above(`update subscriptions set time_zone = 'Mars/Olympus' where id = '${bad}'`);
  await world.ask(sql`update subscriptions set next_cycle_at = '2026-09-01T01:00:00Z' where id = ${bad}::uuid`);
  return { bad, good };
}

describe('a subscription with a cycle that fell due and cannot be opened', () => {
  test('is set apart with its why, and the repricing is done without it', async () => {
    const { good } = await oneUnopened();
    await workRepricings(ctx);
    expect(await became()).toEqual({ bad: UNOPENED, good: expect.stringMatching(/^done/) });
    expect(await status()).toMatchObject({ state: 'done', by_state: { failed: 1, done: 1, waiting: 0 } });
    expect(await upcoming(good)).toEqual(['1 175000', '2 175000', '3 175000']);
  });

  test('is told of to whoever looks after it: the log, doctor, and how it is tried again', async () => {
    await oneUnopened();
    await workRepricings(ctx);
    expect(world.logged).toContainEqual({
      level: 'error',
      event: 'repricing is done, and some are set apart',
      facts: expect.objectContaining({ repricing: 1, set_apart: 1, way_out: expect.stringContaining('resume 1') }),
    });
    expect(await setApart(ctx.db)).toMatchObject([{ number: 1, plan: 'pro', count: 1 }]);
    expect(await priceMatters(ctx)).toMatchObject([
      { key: 'repricing 1 apart', title: 'Repricing 1 of pro could not work on 1 subscription', since: world.now() },
    ]);
  });

  test('is tried again when the repricing is resumed, which ends again; once it is mended it is moved, and nobody else twice', async () => {
    const { bad } = await oneUnopened();
    await workRepricings(ctx);
    expect(await resumeRepricing(ctx, 1)).toEqual({ kind: 'moved', number: 1 });
    expect(await status()).toMatchObject({
      state: 'running',
      by_state: { waiting: 1, done: 1, failed: 0 },
      ended_at: null,
    });
    await workRepricings(ctx);
    expect(await became()).toMatchObject({ bad: UNOPENED });
    expect(await status()).toMatchObject({ state: 'done', by_state: { failed: 1, done: 1 } });
    await world.above(
      `update subscriptions set time_zone = 'Asia/Jakarta', next_cycle_at = '2026-10-01T02:00:00Z' where id = '${bad}'`,
    );
    await resumeRepricing(ctx, null);
    await workRepricings(ctx);
    expect(await status()).toMatchObject({ state: 'done', by_state: { failed: 0, done: 2 } });
    expect(await upcoming(bad)).toEqual(['1 175000', '2 175000', '3 175000']);
    expect(await resumeRepricing(ctx, 1)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('nobody of it waits'),
    });
    const planned = await world.ask(sql`select from ledger where kind = 'subscription.change_planned'`);
    expect(planned).toHaveLength(2);
    expect(await setApart(ctx.db)).toEqual([]);
  });

  test('stays set apart where another repricing of its plan came after', async () => {
    await oneUnopened();
    await workRepricings(ctx);
    await draft(await applied(world, selling(160_000)));
    expect(await resumeRepricing(ctx, 1)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('came after repricing 1'),
    });
    expect(await setApart(ctx.db)).toEqual([]);
  });
});

describe('a subscription whose rows somebody else holds on to', () => {
  test('is waited for, told of, for a day: then it is set apart, and tried again on demand', async () => {
    const [held, good] = [await subscribed('held'), await subscribed('good')];
    await draft(await applied(world, selling(175_000)));
    const session = await foreignSession(made.url);
    await session.hold(sql`select 1 from subscriptions where id = ${held}::uuid for update`);
    world.moveTo('2026-09-02T01:59:59Z');
    await workRepricings(ctx);
    expect(await status()).toMatchObject({ state: 'running', by_state: { waiting: 1, done: 1 } });
    world.moveTo('2026-09-02T02:00:00Z');
    await workRepricings(ctx);
    expect(await became()).toMatchObject({
      held: expect.stringMatching(/^failed: somebody else has held on to its rows for 24 hours/),
    });
    expect(await status()).toMatchObject({ state: 'done' });
    await resumeRepricing(ctx, 1);
    await session.letGo();
    await workRepricings(ctx);
    expect(await status()).toMatchObject({ state: 'done', by_state: { done: 2, failed: 0 } });
    expect(await upcoming(good)).toEqual(['1 175000', '2 175000', '3 175000']);
    expect(events()).toContain('repricing is done');
  });
});

test('a repricing that is resumed while a daemon ends it goes on: nobody of it waits for ever', async () => {
  await subscribed('a');
  await draft(await applied(world, selling(175_000)));
  await world.above(`update repricing_items set state = 'failed', why = 'x', decided_at = now()`);
  const seen = await repricingOf(ctx.db, 1);
  const session = await foreignSession(made.url);
  await session.hold(sql`with r as (update repricings set resumed_at = now() returning number)
    update repricing_items set state = 'waiting', why = null, decided_at = null`);
  const ended = seen === null ? Promise.resolve(true) : endRepricing(ctx.db, seen, world.now());
  await expect
    .poll(async () => await world.ask(sql`select from pg_stat_activity where wait_event_type = 'Lock'`))
    .toHaveLength(1);
  await session.letGo();
  expect(await ended).toBe(false);
  expect(await status()).toMatchObject({ state: 'running', by_state: { waiting: 1 } });
  expect(await stopRepricing(ctx, 1)).toEqual({ kind: 'moved', number: 1 });
});
