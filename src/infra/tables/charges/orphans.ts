import { and, sql as fragment } from 'drizzle-orm';
import { orphaned } from '../../../domain/charges/attempt-moves.ts';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import type { AttemptRow } from '../schema/change-columns.ts';
import { attempts } from '../schema/charges.ts';

/** Attempts without what they belong to. */
export async function attemptsById(
  db: Database,
  ids: readonly string[],
): Promise<readonly Pick<AttemptRow, 'id' | 'asks' | 'referenceId'>[]> {
  if (ids.length === 0) return [];
  return await db.drizzle
    .select({ id: attempts.id, asks: attempts.asks, referenceId: attempts.referenceId })
    .from(attempts)
    .where(and(anyOf('attempts', 'id', ids)));
}

/** What this attempt belongs to is gone: nobody knows its outcome, and it is looked at again then, or never (null). */
export async function putOrphanOff(
  db: Database,
  id: string,
  now: Temporal.Instant,
  at: Temporal.Instant | null,
): Promise<void> {
  const isOpen = fragment`(${attempts.outcome} is null or ${attempts.outcome} in ('pending', 'unknown'))`;
  await db.drizzle
    .update(attempts)
    .set({ ...orphaned(at, now), asks: fragment`${attempts.asks} + 1` })
    .where(and(anyOf('attempts', 'id', [id]), isOpen));
}
