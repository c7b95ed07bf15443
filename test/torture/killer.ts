import { sql } from 'drizzle-orm';
import { type Database, openDatabase } from '../../src/infra/database/db.ts';
import { chance } from '../support/chance.ts';

/** On a machine that is busy with other things the kills come slower, and it lasts so much longer at most. */
const MOST_TIMES = 4;

/**
 * Ends one backend of these daemons after the other, those at work rather than idle ones, every 20 to 80 ms, for so long
 * and until so many are ended.
 * @returns how many were ended.
 */
export async function killBackends(
  url: string,
  application: string,
  seed: number,
  goal: { readonly forMs: number; readonly kills: number },
): Promise<number> {
  const db = openDatabase({ url, poolSize: 1, applicationName: 'dueday killer' });
  const random = chance(seed);
  const began = performance.now();
  const passed = () => performance.now() - began;
  let kills = 0;
  try {
    while (passed() < goal.forMs || (kills < goal.kills && passed() < MOST_TIMES * goal.forMs)) {
      const next = performance.now() + 20 + 60 * random();
      kills += await killOne(db, application);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    }
    return kills;
  } finally {
    await db.close();
  }
}

async function killOne(db: Database, application: string): Promise<number> {
  const [row] = await db.run<{ killed: number }>(sql`select count(pg_terminate_backend(pid))::int as killed from (
    select pid from pg_stat_activity where datname = current_database() and application_name = ${application}
      and backend_type = 'client backend'
    order by random() * case state when 'active' then 4 else 1 end desc limit 1) one`);
  return row?.killed ?? 0;
}
