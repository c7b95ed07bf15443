import { type SQL, sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { receiveWebhook } from '../../src/flows/inbox/receive-webhook.ts';
import { isConnectionFault } from '../../src/infra/database/db.ts';
import { tally } from '../support/tally.ts';
import type { World } from '../support/world.ts';
import { expectAllAtRest, twoQuietDays } from './aftermath.ts';
import { badTill } from './bad-till.ts';
import { readersOf } from './readers.ts';
import { type Replicas, replicas } from './replicas.ts';
import { subscribers } from './subscribers.ts';
import { uncaughtErrors } from './uncaught.ts';

export type Ordeal = {
  readonly world: World;
  /** How the daemons reach the database; the world itself goes there straight. */
  readonly url: string;
  readonly seed: number;
  readonly charges: number;
  /** Charges fall due one after the other, so many milliseconds apart. */
  readonly apartMs: number;
  /** The deadline of a statement in the daemons. */
  readonly deadlineMs?: number;
  /** All that is due must be done so soon after the fault is over, with nobody's help. */
  readonly recoversMs?: number;
};

export type Endured = {
  readonly paidMeanwhile: number;
  readonly attempts: number;
  readonly webhooks: number;
  readonly reads: number;
  readonly refusedReads: number;
  readonly longestReadMs: number;
  /** From the end of the fault to the next charge that is collected, and to the moment at which nothing is due. */
  readonly resumedMs: number;
  readonly doneMs: number;
};

/**
 * Four daemons bill, answer and take webhooks while a fault rages. When it is over they must be at work again by
 * themselves; two quiet days later everything must be at rest, whole, and agree with the gateway, and in all that time no
 * call may have hung and no error may have gone uncaught.
 */
export async function endure(
  ordeal: Ordeal,
  fault: (daemons: Replicas) => Promise<Readonly<Record<string, number>>>,
): Promise<Endured> {
  const { world, deadlineMs = 3_000, recoversMs = 40_000 } = ordeal;
  const uncaught = uncaughtErrors();
  await subscribers(world, ordeal.charges, ordeal.apartMs);
  const daemons = replicas(world, 4, { url: ordeal.url, deadlineMs });
  const till = badTill(world, ordeal.seed, (event) =>
    receiveWebhook(daemons.intake, { raw: JSON.stringify(event), body: event, webhookId: null }),
  );
  const readers = readersOf(daemons.contexts, 3);
  const counts = await fault(daemons);
  const over = performance.now();
  const paidMeanwhile = await paid(world);
  const resumedMs = await until(
    async () => (await paid(world)) > paidMeanwhile || (await due(world)) === 0,
    over,
    recoversMs,
  );
  const doneMs = await until(async () => (await due(world)) === 0, over, recoversMs + ordeal.charges * ordeal.apartMs);
  await readers.stop();
  await till.quiet();
  expect(daemons.hanging()).toBeNull();
  await until(() => daemons.stop().then(() => true), performance.now(), 4 * deadlineMs);
  expect(await missing(world, till.taken())).toBe(0);
  await twoQuietDays(world);
  await expectAllAtRest(world, ordeal.charges);
  expect(uncaught).toEqual([]);
  // A read is a clock and three statements at once, each with its turn and its answer.
  expect(readers.longestMs()).toBeLessThan(4 * deadlineMs + 1_000);
  const endured = {
    paidMeanwhile,
    attempts: world.gateway.sent.length,
    webhooks: till.taken(),
    reads: readers.answered(),
    refusedReads: readers.refused(),
    longestReadMs: Math.round(readers.longestMs()),
    resumedMs: Math.round(resumedMs),
    doneMs: Math.round(doneMs),
  };
  tally({ ...counts, charges: ordeal.charges, attempts: endured.attempts, webhooks: endured.webhooks });
  process.stdout.write(`${JSON.stringify({ ...counts, charges: ordeal.charges, ...endured })}\n`);
  return endured;
}

/** Milliseconds from `since` until it holds; fails when that takes longer than it may. */
async function until(holds: () => Promise<boolean>, since: number, atMostMs: number): Promise<number> {
  let isSo = false;
  while (!isSo) {
    isSo = await holds().catch((error: unknown) => {
      if (isConnectionFault(error)) return false;
      throw error;
    });
    expect(performance.now() - since).toBeLessThan(atMostMs);
    if (!isSo) await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return performance.now() - since;
}

const paid = (world: World) => count(world, sql`select count(*)::int as n from charges where status = 'paid'`);

/** What is due, and what waits to be processed. */
const due = (world: World) =>
  count(
    world,
    sql`select ((select count(*) from subscriptions where next_cycle_at <= now())
      + (select count(*) from charges where status = 'due' and next_attempt_at <= now())
      + (select count(*) from inbox where status = 'received' and next_try_at <= now()))::int as n`,
  );

/** Webhooks that were answered with 200 and are not there. */
async function missing(world: World, taken: number): Promise<number> {
  return Math.max(0, taken - (await count(world, sql`select count(*)::int as n from inbox`)));
}

async function count(world: World, query: SQL): Promise<number> {
  const [row] = await world.ask<{ n: number }>(query);
  return row?.n ?? 0;
}
