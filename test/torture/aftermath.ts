import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { expectSound } from '../flows/oracle.ts';
import { succeeded } from '../support/scripted-gateway.ts';
import type { World } from '../support/world.ts';

/**
 * Two quiet days on a still clock, worked through by somebody who was not there before: leases of the dead are over, what
 * nobody knows is asked about, declined charges have their next turn.
 */
export async function twoQuietDays(world: World): Promise<void> {
  world.gateway.otherwise(() => succeeded());
  const [row] = await world.ask<{ now: string }>(
    sql`select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
  );
  const now = Temporal.Instant.from(row?.now ?? '');
  world.moveTo(now.toString());
  const heir = world.another();
  for (const hours of [0.2, 1, 25, 50]) {
    await world.ask(sql`update attempts set lease_until = now() - interval '1 second' where outcome is null`);
    await world.liveUntil(now.add({ minutes: hours * 60 }).toString(), heir);
  }
}

/** The universal oracle, and that every one of these subscribers has its cycle, collected or with a reason. */
export async function expectAllAtRest(world: World, count: number): Promise<void> {
  const cycles = sql`select count(*)::int as cycles, count(distinct subscription_id)::int as subscribers,
    count(*) filter (where status not in ('paid', 'held', 'uncollectible'))::int as open from charges`;
  expect(await world.ask(cycles)).toEqual([{ cycles: count, subscribers: count, open: 0 }]);
  const half = sql`select a.reference_id from attempts a where
    (select count(*) from ledger l where l.reference_id = a.reference_id and l.kind = 'attempt.sent') <> 1`;
  expect(await world.ask(half)).toEqual([]);
  expect(await world.ask(sql`select id from inbox where status in ('received', 'mismatched')`)).toEqual([]);
  const references = world.gateway.payments.map((payment) => payment.referenceId.replace(/_\d+$/, ''));
  expect(new Set(references).size).toBe(references.length);
  await expectSound(world);
}
