import { and, eq } from 'drizzle-orm';
import type { ArmedBy } from '../../../domain/control/binding.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { armings, charging } from '../schema/control.ts';

/** Who armed what is armed now; null when nothing is, or a version armed it that did not write it down. */
export async function lastArming(db: Database): Promise<ArmedBy | null> {
  const [row] = await db.drizzle
    .select({ at: armings.armedAt, actor: armings.actor, reason: armings.reason })
    .from(charging)
    .innerJoin(armings, and(eq(armings.number, charging.arming), eq(armings.armedAt, charging.armedAt)));
  return row === undefined ? null : { ...row, at: row.at.toString() };
}

/** Somebody armed charging, or stopped it: as a whole, or one channel. */
export type Switching = {
  readonly at: string;
  readonly did: 'armed' | 'stopped';
  /** Null: charging as a whole. */
  readonly channel: string | null;
  readonly actor: string;
  readonly reason: string | null;
  /** What had changed since it was armed before, in words. */
  readonly differences: readonly string[];
};

/** The last times that people armed charging or stopped it, newest first. */
export async function lastSwitchings(db: Database, most: number): Promise<readonly Switching[]> {
  return await db.run<Switching>(sql`select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, did, channel, actor, reason,
      differences
    from (select armed_at as at, 'armed' as did, null as channel, actor, reason, to_json(differences) as differences, number from armings
      union all select disarmed_at, 'stopped', channel, actor, reason, '[]', number from disarmings) s
    order by s.at desc, s.number desc limit ${most}::int`);
}
