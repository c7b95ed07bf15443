import { and, eq } from 'drizzle-orm';
import type { ArmedBy } from '../../../domain/control/binding.ts';
import type { Database } from '../../database/db.ts';
import { armings, charging } from '../schema/control.ts';

/** Who armed what is armed now; null when nothing is, or a version armed it that did not write it down. */
export async function lastArming(db: Database): Promise<ArmedBy | null> {
  const [row] = await db.drizzle
    .select({ at: armings.armedAt, actor: armings.actor, reason: armings.reason })
    .from(charging)
    .innerJoin(armings, and(eq(armings.number, charging.arming), eq(armings.armedAt, charging.armedAt)));
  return row === undefined ? null : { ...row, at: row.at.toString() };
}
