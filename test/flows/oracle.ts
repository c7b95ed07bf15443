import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { bucketOf } from '../../src/domain/attempt.ts';
import { canonicalText } from '../../src/domain/ledger.ts';
import { sha256 } from '../../src/infra/ids.ts';
import { emptyHead } from '../../src/infra/postgres/chain.ts';
import { chainOf } from '../../src/infra/postgres/ledger.ts';
import type { World } from '../support/world.ts';

/** The first entry at which a subscription's chain breaks; null when it is whole, from its first entry to its head. */
export async function brokenLink(world: World, id: string): Promise<number | null> {
  const entries = await chainOf(world.db, bucketOf(id), id);
  let last = emptyHead;
  for (const [index, entry] of entries.entries()) {
    const isNext = entry.seq === index + 1 && entry.prev_hash === last;
    if (!isNext || entry.hash !== sha256(`${last}\n${canonicalText(entry.seq, entry)}`)) return index + 1;
    last = entry.hash;
  }
  const [head] = await world.ask<{ seq: number; head: string }>(
    sql`select ledger_seq as seq, ledger_head as head from subscriptions where id = ${id}::uuid`,
  );
  return head?.head === last && head.seq === entries.length ? null : entries.length + 1;
}

/** Races are lost quietly: an error in the log is somebody's evening. */
export function expectNothingToTell(world: World): void {
  expect(world.logged.filter((line) => line.level === 'error')).toEqual([]);
}

/** Money by currency, in minor units: as our ledger says, and as the gateway's own list does. */
async function moneyOf(world: World) {
  const rows = await world.ask<{ currency: string; money: string }>(
    sql`select currency, sum(money)::text as money from ledger where money <> 0 group by currency order by currency`,
  );
  const ours = Object.fromEntries(rows.map((row) => [row.currency, BigInt(row.money)]));
  const theirs: Record<string, bigint> = {};
  for (const { currency, amount } of world.gateway.payments)
    theirs[currency] = (theirs[currency] ?? 0n) + BigInt(amount);
  return { ours, theirs };
}

/**
 * What must hold whatever happened, once everything is quiet: the gateway's own list of payments is ours, no charge was
 * collected twice, none is lost from sight, and every chain of the ledger is whole.
 */
export async function expectSound(world: World): Promise<void> {
  const { ours, theirs } = await moneyOf(world);
  expect(ours).toEqual(theirs);
  const succeeded = await world.ask<{ ref: string }>(
    sql`select reference_id as ref from attempts where outcome = 'succeeded' order by reference_id`,
  );
  const collected = world.gateway.payments.map((payment) => payment.referenceId).toSorted();
  expect(succeeded.map((row) => row.ref)).toEqual(collected);
  const twice = sql`select c.id from charges c join attempts a on a.bucket = c.bucket and a.charge_id = c.id
    where a.outcome = 'succeeded' group by c.id, c.amount, c.collected, c.overpaid
    having count(*) * c.amount <> c.collected + c.overpaid`;
  expect(await world.ask(twice)).toEqual([]);
  const lost = sql`select c.id, c.status from charges c join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    where c.status = 'due' and coalesce(c.next_attempt_at, c.waits_until) is null and s.status <> 'paused'
    or c.status = 'attempting' and not exists (select from attempts a where a.bucket = c.bucket and a.charge_id = c.id
      and (a.outcome is null or a.outcome in ('pending', 'unknown')))`;
  expect(await world.ask(lost)).toEqual([]);
  const counted = sql`select s.id from subscriptions s left join charges c on c.bucket = s.bucket and c.subscription_id = s.id
    group by s.id, s.in_dunning having s.in_dunning <> count(*) filter (where c.in_dunning)`;
  expect(await world.ask(counted)).toEqual([]);
  const ids = await world.ask<{ id: string }>(sql`select id::text from subscriptions`);
  for (const { id } of ids) expect(await brokenLink(world, id)).toBeNull();
}
